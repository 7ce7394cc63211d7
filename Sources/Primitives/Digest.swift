/// A SHA-256 value: exactly 32 bytes, kept inline, compared and hashed by value.
package struct Digest: Hashable, Sendable {
    /// Number of bytes in every digest (FIPS 180-4, section 1, table 1).
    package static let byteCount = 32

    /// Four words as they lie in memory; never read as numbers.
    private var words: (UInt64, UInt64, UInt64, UInt64)

    /// Thirty-two zero bytes: stands for "none" where a format says so.
    package static let zero = Digest(words: (0, 0, 0, 0))

    private init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// - Returns: `nil` unless `bytes` is exactly ``byteCount`` long.
    package init?(_ bytes: Span<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        unsafe self = bytes.withUnsafeBufferPointer { unsafe Digest(copying: UnsafeRawBufferPointer($0)) }
    }

    /// - Returns: `nil` unless `bytes` is exactly ``byteCount`` long.
    package init?(_ bytes: [UInt8]) { self.init(bytes.span) }

    /// - Returns: `nil` unless `bytes` is exactly ``byteCount`` long.
    package init?(_ bytes: ArraySlice<UInt8>) { self.init(bytes.span) }

    /// Copies the first ``byteCount`` bytes.
    ///
    /// - Precondition: there are that many.
    @unsafe package init(copying bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count >= Self.byteCount, "a digest needs 32 bytes")
        unsafe self.words = bytes.loadUnaligned(as: (UInt64, UInt64, UInt64, UInt64).self)
    }

    /// The raw bytes, always ``byteCount`` of them.
    package var bytes: [UInt8] { unsafe self.withUnsafeBytes { unsafe Array($0) } }

    /// Lower-case hexadecimal, 64 characters.
    package var hex: String { Hex.encode(self.bytes) }

    @unsafe package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        var copy = self.words
        return unsafe Swift.withUnsafeBytes(of: &copy) { unsafe body($0) }
    }

    package static func == (left: Digest, right: Digest) -> Bool {
        left.words.0 == right.words.0 && left.words.1 == right.words.1 && left.words.2 == right.words.2
            && left.words.3 == right.words.3
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(self.words.0)
        hasher.combine(self.words.1)
    }
}

extension Digest: CustomStringConvertible {
    package var description: String { self.hex }
}
