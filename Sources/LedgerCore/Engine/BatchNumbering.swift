internal import Primitives

/// Works out each item's sequence number, and which of them the log has already.
///
/// Kept between batches so that its memory is.
struct BatchNumbering: Sendable {
    struct Run {
        let producer: Int
        /// Position in the batch.
        let first: Int
        var count: Int
        let firstSequence: UInt64
    }

    private(set) var runs: [Run] = []
    /// By position among the batch's producers, the next sequence number.
    private var next: [UInt64] = []
    private(set) var known: [KnownItems] = []
    private(set) var knownCount = 0

    /// - Throws: ``IndelibleError/Code/invalidArgument`` for numbers that go backwards or stand still.
    mutating func number(_ batch: AppendBatch) throws(IndelibleError) {
        self.runs.removeAll(keepingCapacity: true)
        self.next.removeAll(keepingCapacity: true)
        for producer in batch.producers {
            guard producer.firstSequence > 0 else {
                throw IndelibleError(.invalidArgument, "A producer's first sequence number is 0. Number from 1.")
            }
            self.next.append(producer.firstSequence)
        }
        for position in batch.items.indices {
            let item = batch.items[position]
            let producer = Int(item.producer)
            guard producer < self.next.count else {
                throw IndelibleError(
                    .invalidArgument,
                    "Item \(position) names producer \(producer) of \(self.next.count). Count from 0.",
                )
            }
            let sequence = item.sequence == 0 ? self.next[producer] : item.sequence
            guard sequence >= self.next[producer], sequence < UInt64.max else {
                throw IndelibleError(
                    .invalidArgument,
                    "Item \(position) has sequence number \(sequence), which is not larger than the one before it.",
                )
            }
            self.next[producer] = sequence + 1
            if let last = self.runs.indices.last, self.runs[last].producer == producer,
                self.runs[last].firstSequence + UInt64(self.runs[last].count) == sequence
            {
                self.runs[last].count += 1
            } else {
                self.runs.append(Run(producer: producer, first: position, count: 1, firstSequence: sequence))
            }
        }
    }

    /// Looks all runs up.
    ///
    /// - Throws: as ``ProducerTable/known(_:epoch:from:to:)``.
    mutating func lookUp(_ batch: AppendBatch, in table: ProducerTable) throws(IndelibleError) {
        self.known.removeAll(keepingCapacity: true)
        self.knownCount = 0
        for run in self.runs {
            let producer = batch.producers[run.producer]
            let end = run.firstSequence + UInt64(run.count)
            let parts = try table.known(producer.id, epoch: producer.epoch, from: run.firstSequence, to: end)
            for part in parts {
                self.known.append(
                    KnownItems(
                        firstItem: run.first + Int(part.firstSequence - run.firstSequence),
                        count: Int(part.count),
                        firstIndex: part.firstIndex,
                    )
                )
                self.knownCount += Int(part.count)
            }
        }
    }
}
