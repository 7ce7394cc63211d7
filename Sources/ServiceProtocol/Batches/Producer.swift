/// Who numbers items: exactly once is by (id, epoch, sequence).
package struct Producer: Hashable, Sendable {
    /// 1 to ``ProtocolLimits/producerIDByteCountMax`` bytes.
    package var id: [UInt8]
    /// The producer's start, in nanoseconds since the Unix epoch.
    package var epoch: UInt64

    package init(id: [UInt8], epoch: UInt64) {
        self.id = id
        self.epoch = epoch
    }
}
