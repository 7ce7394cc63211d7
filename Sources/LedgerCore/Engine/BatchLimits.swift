internal import Primitives

/// What a batch must satisfy whatever the log holds; checked before anything is locked.
enum BatchLimits {
    /// - Returns: bytes of the journal that the batch takes at most.
    static func check(
        _ batch: AppendBatch,
        bufferByteCount: Int,
        _ configuration: LogConfiguration,
    ) throws(IndelibleError) -> Int {
        try self.checkCounts(batch)
        guard batch.items.count <= configuration.batchEntryCountMax else {
            throw IndelibleError(
                .invalidArgument,
                """
                The batch has \(batch.items.count) items; with segments of \(configuration.segmentEntryCount) entries this log \
                takes at most \(configuration.batchEntryCountMax) at once. Split it.
                """,
            )
        }
        let limit = UInt64(bufferByteCount)
        var needed = batch.producers.count * FrameDeltas.producerByteCountMax
        for position in batch.items.indices {
            let item = batch.items[position]
            guard (1...65_535).contains(item.byteCount) else {
                throw IndelibleError(
                    .invalidArgument,
                    """
                    Item \(position) has \(item.byteCount) bytes; an entry has 1 to 65,535. Send a larger payload detached, \
                    with PutPayload.
                    """,
                )
            }
            guard (1...65_535).contains(item.kind) else {
                throw IndelibleError(
                    .invalidArgument,
                    "Item \(position) is of kind \(item.kind); kinds are 1 to 65,535.",
                )
            }
            let hasID = item.eventIDOffset != AppendBatch.Item.noEventID
            let idEnd = hasID ? UInt64(item.eventIDOffset) + UInt64(EventFingerprint.idByteCount) : 0
            precondition(
                UInt64(item.offset) + UInt64(item.byteCount) <= limit && idEnd <= limit,
                "the parser of a batch keeps within its buffer",
            )
            needed += Int(item.byteCount) + FrameDeltas.perItemByteCountMax
        }
        guard needed <= configuration.batchByteCountMax else {
            throw IndelibleError(
                .invalidArgument,
                "The batch needs \(needed) bytes of the journal, more than \(configuration.batchByteCountMax). Split it.",
            )
        }
        return needed
    }

    private static func checkCounts(_ batch: AppendBatch) throws(IndelibleError) {
        guard (1...AppendBatch.itemCountMax).contains(batch.items.count) else {
            throw IndelibleError(
                .invalidArgument,
                "The batch has \(batch.items.count) items; a batch has 1 to \(AppendBatch.itemCountMax). Split it.",
            )
        }
        guard (1...AppendBatch.producerCountMax).contains(batch.producers.count) else {
            throw IndelibleError(
                .invalidArgument,
                "The batch names \(batch.producers.count) producers; name 1 to \(AppendBatch.producerCountMax).",
            )
        }
        guard batch.producers.count > 1 else { return }
        var seen: Set<ProducerID> = []
        for producer in batch.producers where !seen.insert(producer.id).inserted {
            throw IndelibleError(.invalidArgument, "The batch names a producer twice. Name each once.")
        }
    }
}
