/// Where a producer stands, for one that lost its own count.
package struct ProducerStatus: Equatable, Sendable {
    package let epoch: UInt64
    package let lastSequence: UInt64
    package let lastIndex: UInt64

    package init(epoch: UInt64, lastSequence: UInt64, lastIndex: UInt64) {
        self.epoch = epoch
        self.lastSequence = lastSequence
        self.lastIndex = lastIndex
    }
}
