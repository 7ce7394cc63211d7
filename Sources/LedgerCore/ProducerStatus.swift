/// Where a producer stands, for one that lost its own count.
package struct ProducerStatus: Equatable, Sendable {
    package let epoch: UInt64
    package let lastSequence: UInt64
    package let lastIndex: UInt64
}
