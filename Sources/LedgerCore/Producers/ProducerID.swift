internal import AuditModel

/// Who numbers items: 1 to 64 bytes, kept inline.
package struct ProducerID: Hashable, Sendable {
    package static let byteCountMax = 64

    private var words: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0, 0)
    package let byteCount: Int

    /// - Returns: `nil` unless there are 1 to 64 bytes.
    package init?(_ bytes: [UInt8]) {
        guard (1...Self.byteCountMax).contains(bytes.count) else { return nil }
        self.byteCount = bytes.count
        unsafe withUnsafeMutableBytes(of: &self.words) { unsafe $0.copyBytes(from: bytes) }
    }

    /// - Returns: `nil` unless there are 1 to 64 bytes.
    @unsafe package init?(copying bytes: UnsafeRawBufferPointer) {
        guard (1...Self.byteCountMax).contains(bytes.count) else { return nil }
        self.byteCount = bytes.count
        unsafe withUnsafeMutableBytes(of: &self.words) { unsafe $0.copyMemory(from: bytes) }
    }

    package var bytes: [UInt8] {
        var copy = self.words
        return unsafe withUnsafeBytes(of: &copy) { unsafe Array($0.prefix(self.byteCount)) }
    }

    /// The slot of a consumer (``ConsumerID``): a producer that numbers by how far it has come in the log, and appends only where it stopped.
    ///
    /// `nil` for other producers.
    package var consumerSlot: UInt8? {
        let count = ConsumerID.prefix.count
        guard self.byteCount > count else { return nil }
        var copy = self.words
        return unsafe withUnsafeBytes(of: &copy) { bytes in
            unsafe bytes.prefix(count).elementsEqual(ConsumerID.prefix) ? unsafe bytes[count] : nil
        }
    }

    package static func == (left: ProducerID, right: ProducerID) -> Bool {
        let (a, b) = (left.words, right.words)
        return left.byteCount == right.byteCount && a.0 == b.0 && a.1 == b.1 && a.2 == b.2 && a.3 == b.3
            && a.4 == b.4 && a.5 == b.5 && a.6 == b.6 && a.7 == b.7
    }

    package func hash(into hasher: inout Hasher) {
        var copy = self.words
        unsafe withUnsafeBytes(of: &copy) {
            unsafe hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: $0.prefix(self.byteCount)))
        }
    }
}
