/// Shortens an event's id to 32 bits, keyed with the log's salt so that nobody can make ids that collide.
struct EventFingerprint: Sendable {
    /// Stands for "no id".
    static let none: UInt32 = 0
    static let idByteCount = 16

    private let low: UInt64
    private let high: UInt64

    init(salt: [UInt8]) {
        var fields = FieldReader(salt)
        self.low = fields.take() ?? 0
        self.high = fields.take() ?? 0
    }

    /// - Parameters:
    ///   - first: the first 8 bytes of the id, little-endian.
    ///   - last: the last 8 bytes.
    func hash(_ first: UInt64, _ last: UInt64) -> UInt32 {
        let product = (first ^ self.low ^ 0x9e37_79b9_7f4a_7c15).multipliedFullWidth(by: (last ^ self.high) | 1)
        let mixed = (product.high ^ product.low ^ self.low).multipliedFullWidth(by: self.high | 1)
        let folded = UInt32(truncatingIfNeeded: (mixed.high ^ mixed.low) >> 32)
        return folded == Self.none ? 1 : folded
    }

    func hash(_ id: [UInt8]) -> UInt32 {
        var fields = FieldReader(id)
        return self.hash(fields.take() ?? 0, fields.take() ?? 0)
    }
}
