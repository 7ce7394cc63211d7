internal import Cryptography
internal import Primitives

/// The frame around each batch in a spool file, all numbers little-endian.
///
/// `u32 byteCount || u32 CRC-32C || u64 sequence || payload`; the checksum covers the sequence and the payload. A length of
/// zero ends a file, so that zeros never parse as records.
enum SpoolRecord {
    static let headerByteCount = 16
    /// Bytes of the longest payload.
    static let payloadByteCountMax = 32 << 20

    static func encode(_ payload: [UInt8], sequence: UInt64) -> [UInt8] {
        let number = Self.bytes(sequence)
        let checksum = CRC32C.checksum(payload, seed: CRC32C.checksum(number))
        return Self.bytes(UInt32(payload.count)) + Self.bytes(checksum) + number + payload
    }

    /// How many payload bytes follow a header; `nil` when it is no header of the record `sequence`.
    static func payloadByteCount(_ header: [UInt8], sequence: UInt64) -> Int? {
        guard header.count == Self.headerByteCount, Self.number(header[8..<16]) == sequence else { return nil }
        let count = Self.number(header[0..<4])
        return 1...UInt64(Self.payloadByteCountMax) ~= count ? Int(count) : nil
    }

    static func isWhole(_ header: [UInt8], _ payload: [UInt8]) -> Bool {
        let checksum = CRC32C.checksum(payload, seed: CRC32C.checksum(Array(header[8..<16])))
        return Self.number(header[4..<8]) == UInt64(checksum)
    }

    private static func bytes(_ number: some FixedWidthInteger & UnsignedInteger) -> [UInt8] {
        (0..<number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
