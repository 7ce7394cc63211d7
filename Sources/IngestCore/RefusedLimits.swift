/// How much a collector keeps of what the ledger refused for good.
package struct RefusedLimits: Sendable, Equatable {
    /// Bytes of all files; when there is no room, delivery stops until an operator has taken files away.
    package var byteCountMax: UInt64
    package var fileCountMax: Int

    package init(byteCountMax: UInt64 = 1 << 30, fileCountMax: Int = 10_000) {
        self.byteCountMax = byteCountMax
        self.fileCountMax = fileCountMax
    }
}
