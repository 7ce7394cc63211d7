internal import Primitives
internal import Synchronization

/// What is remembered of producers as far as it is durable: what the snapshot beside the segments is made of.
final class DurableProducers: Sendable {
    private let state: Mutex<(table: ProducerTable, size: UInt64)>

    init(_ table: ProducerTable, size: UInt64) { self.state = Mutex((table, size)) }

    func add(_ runs: [(id: ProducerID, epoch: UInt64, run: ProducerRun)], size: UInt64) {
        self.state.withLock { state in
            for added in runs { state.table.add(added.run, by: added.id, epoch: added.epoch) }
            state.size = size
        }
    }

    /// The bytes of a snapshot, and the size of the log that it is of.
    func snapshot() -> (bytes: [UInt8], size: UInt64) {
        self.state.withLock { (ProducerSnapshot.encode($0.table, size: $0.size), $0.size) }
    }
}
