/// One entry of an AppendRequest's producer table, as it stands in the payload.
package struct ProducerReference: Equatable, Sendable {
    /// Where the id's 1 to ``ProtocolLimits/producerIDByteCountMax`` bytes are in the payload.
    package var id: Range<Int>
    /// The producer's start, in nanoseconds since the Unix epoch.
    package var epoch: UInt64
    /// Of its first item in the batch.
    package var firstSequence: UInt64
    /// Of a consumer: the last sequence number that it has in the log, 0 for none.
    package var after: UInt64 = 0
}
