/// When a batch is full.
package struct BatchLimits: Sendable, Equatable {
    /// Items, without the seal; at most one less than a request may have.
    package var itemCountMax: Int
    /// Bytes of a request; it is exceeded by one submission at most.
    package var byteCountMax: Int
    /// Nanoseconds that the first item of a batch waits for others.
    package var ageNanosecondsMax: UInt64

    package init(
        itemCountMax: Int = 8192,
        byteCountMax: Int = 4 << 20,
        ageNanosecondsMax: UInt64 = 2_000_000,
    ) {
        precondition(1..<16_384 ~= itemCountMax, "a request has at most 16,384 items, the seal included")
        self.itemCountMax = itemCountMax
        self.byteCountMax = byteCountMax
        self.ageNanosecondsMax = ageNanosecondsMax
    }
}
