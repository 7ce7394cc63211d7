internal import Primitives

/// Lets a consumer append only under the latest lease of its slot, and only where it stopped.
///
/// The second is what makes each event be consumed once, whoever believes to hold the slot: progress is in the log's own
/// table of producers. The first keeps a process that slept through its lease from working against its successor.
struct ConsumerFence: Sendable {
    /// By slot: the epoch of the latest lease, 0 before the first of this process.
    private var epochs = [UInt64](repeating: 0, count: 256)

    mutating func raise(_ slot: UInt8, to epoch: UInt64) {
        self.epochs[Int(slot)] = max(self.epochs[Int(slot)], epoch)
    }

    /// - Throws: ``IndelibleError/Code/failedPrecondition`` for a consumer that lost its slot or did not stop where it says;
    ///   ``IndelibleError/Code/resourceExhausted`` for one too many.
    func check(_ batch: AppendBatch, against table: ProducerTable) throws(IndelibleError) {
        for producer in batch.producers {
            guard let slot = producer.id.consumerSlot else { continue }
            guard producer.epoch >= self.epochs[Int(slot)] else {
                throw IndelibleError(
                    .failedPrecondition,
                    "Slot \(slot) has a later lease than the one of this append. Ask for slots again.",
                )
            }
            let history = table.history(of: producer.id)
            guard history != nil || table.consumerCount < table.limits.consumerCountMax else {
                throw IndelibleError(
                    .resourceExhausted,
                    "The log has \(table.consumerCount) consumers, as many as it can. Use one of the models that it knows.",
                )
            }
            let last = history?.lastSequence ?? 0
            guard producer.after == last else {
                throw IndelibleError(
                    .failedPrecondition,
                    "A consumer of slot \(slot) has come to \(last), not to \(producer.after). Go on from there.",
                )
            }
        }
    }
}
