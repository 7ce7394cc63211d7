/// What a message may not exceed before any of it is decoded.
package struct ProtoLimits: Sendable, Equatable {
    /// Levels of messages within messages, the outermost included.
    package var depthMax: UInt32
    /// Fields, counted over all nested messages.
    package var fieldCountMax: UInt32
    /// Bytes that the decoded message may take in memory.
    package var arenaByteCountMax: Int

    package init(depthMax: UInt32 = 16, fieldCountMax: UInt32 = 65_536, arenaByteCountMax: Int = 1 << 20) {
        self.depthMax = depthMax
        self.fieldCountMax = fieldCountMax
        self.arenaByteCountMax = arenaByteCountMax
    }
}
