internal import Cryptography
package import Primitives
internal import ProtobufC

/// A payload that is kept beside the log, as the entry names it that is about it.
package struct PayloadReference: Equatable, Sendable {
    /// As it is kept: entry, byte count and commitment, and the start of their SHA-256.
    static let byteCount = 56
    private static let contentByteCount = 48

    /// Of the entry.
    package let index: UInt64
    package let commitment: Digest
    /// Bytes of the payload, without its salt.
    package let payloadByteCount: UInt64

    package init(index: UInt64, commitment: Digest, payloadByteCount: UInt64) {
        self.index = index
        self.commitment = commitment
        self.payloadByteCount = payloadByteCount
    }

    /// The file that a ledger keeps it in.
    package var path: String { "payloads/\(self.commitment.hex)" }

    /// - Throws: ``IndelibleError/Code/internal`` when libcrypto fails.
    func bytes() throws(IndelibleError) -> [UInt8] {
        let numbers = [self.index, self.payloadByteCount].flatMap { number in
            (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) }
        }
        return try Self.checked(numbers + self.commitment.bytes)
    }

    /// - Returns: `nil` for bytes that are not as they were written.
    init?(_ bytes: [UInt8]) throws(IndelibleError) {
        let content = Array(bytes.prefix(Self.contentByteCount))
        guard bytes.count == Self.byteCount, try Self.checked(content) == bytes,
            let commitment = Digest(content[16...])
        else { return nil }
        let numbers = [content[..<8], content[8..<16]].map { $0.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        self.init(index: numbers[0], commitment: commitment, payloadByteCount: numbers[1])
    }

    private static func checked(_ content: [UInt8]) throws(IndelibleError) -> [UInt8] {
        content + (try SHA256.hash(content).bytes.prefix(Self.byteCount - Self.contentByteCount))
    }

    /// Adds the payloads that an event names: its record, and what a model was asked and answered.
    ///
    /// - Parameters:
    ///   - bytes: What the event stands in.
    ///   - body: Where it stands; what is no event names none.
    ///   - index: The entry's place in the log.
    static func collect(_ bytes: Span<UInt8>, _ body: Range<Int>, at index: UInt64, into found: inout [Self]) {
        var fields = ProtoScanner(body)
        while let field = try? fields.next(in: bytes) {
            guard field.number >= 14, let part = field.range else { continue }
            if field.number == 14, let payload = Self(bytes, part, at: index) { found.append(payload) }
            guard field.number == 16 else { continue }
            var parts = ProtoScanner(part)
            while let inner = try? parts.next(in: bytes) {
                guard inner.number == 5 || inner.number == 6, let part = inner.range else { continue }
                if let payload = Self(bytes, part, at: index) { found.append(payload) }
            }
        }
    }

    /// - Parameter part: Where a serialised `DetachedPayload` stands.
    private init?(_ bytes: Span<UInt8>, _ part: Range<Int>, at index: UInt64) {
        var commitment: Digest?
        var byteCount: UInt64 = 0
        var fields = ProtoScanner(part)
        while let field = try? fields.next(in: bytes) {
            switch (field.number, field.value) {
            case (1, .bytes(let hash)): commitment = Digest(bytes.extracting(hash))
            case (2, .varint(let count)): byteCount = count
            default: continue
            }
        }
        guard let commitment else { return nil }
        self.init(index: index, commitment: commitment, payloadByteCount: byteCount)
    }
}
