/// Words of 32 bits as bytes, little-endian: how fixed tables are kept between analyzers.
enum WordBytes {
    static func bytes(_ words: [UInt32]) -> [UInt8] {
        words.flatMap { word in [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: word >> $0) } }
    }

    /// - Returns: `nil` for bytes that are no whole number of words.
    static func words(_ bytes: Span<UInt8>) -> [UInt32]? {
        guard bytes.count.isMultiple(of: 4) else { return nil }
        return stride(from: 0, to: bytes.count, by: 4).map { start in
            (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) }
        }
    }
}
