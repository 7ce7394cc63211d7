/// When a batch is full.
package struct BatchLimits: Sendable, Equatable {
    /// Items, without the seal; at most one less than a request may have.
    package var itemCountMax: Int
    /// Bytes of a request; it is exceeded by one submission at most.
    package var byteCountMax: Int

    package init(itemCountMax: Int = 8192, byteCountMax: Int = 4 << 20) {
        precondition(1..<16_384 ~= itemCountMax, "a request has at most 16,384 items, the seal included")
        self.itemCountMax = itemCountMax
        self.byteCountMax = byteCountMax
    }
}
