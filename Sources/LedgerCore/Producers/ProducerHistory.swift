/// What is remembered of one producer.
struct ProducerHistory: Sendable, Equatable {
    let id: ProducerID
    private(set) var epoch: UInt64
    /// Sequence numbers up to this one are forgotten: whether they are in the log cannot be told.
    private(set) var forgotten: UInt64
    /// In order of sequence, not overlapping, merged where they continue each other.
    private(set) var runs: [ProducerRun]

    init(id: ProducerID, epoch: UInt64, forgotten: UInt64 = 0, runs: [ProducerRun] = []) {
        self.id = id
        self.epoch = epoch
        self.forgotten = forgotten
        self.runs = runs
    }

    var lastSequence: UInt64 { self.runs.last.map { $0.endSequence - 1 } ?? self.forgotten }

    /// The parts of the sequence numbers from `first` up to `end` that are in the log.
    func known(from first: UInt64, to end: UInt64) -> [ProducerRun] {
        var found: [ProducerRun] = []
        var position = self.firstRun(endingAfter: first)
        while position < self.runs.count, let part = self.runs[position].clipped(from: first, to: end) {
            found.append(part)
            position += 1
        }
        return found
    }

    /// A producer that starts again forgets what it sent before.
    mutating func start(epoch: UInt64) {
        self.epoch = epoch
        self.forgotten = 0
        self.runs.removeAll()
    }

    /// Adds a run that overlaps none, and drops the oldest quarter when there are more than `countMax`.
    mutating func add(_ run: ProducerRun, countMax: Int) {
        let position = self.firstRun(endingAfter: run.firstSequence)
        if position > 0, self.runs[position - 1].continues(with: run) {
            self.runs[position - 1].count += run.count
            if position < self.runs.count, self.runs[position - 1].continues(with: self.runs[position]) {
                self.runs[position - 1].count += self.runs.remove(at: position).count
            }
        } else if position < self.runs.count, run.continues(with: self.runs[position]) {
            self.runs[position] = ProducerRun(
                firstSequence: run.firstSequence,
                firstIndex: run.firstIndex,
                count: run.count + self.runs[position].count,
            )
        } else {
            self.runs.insert(run, at: position)
        }
        guard self.runs.count > countMax else { return }
        let dropped = self.runs.count - countMax + countMax / 4
        self.forgotten = self.runs[dropped - 1].endSequence - 1
        self.runs.removeFirst(dropped)
    }

    private func firstRun(endingAfter sequence: UInt64) -> Int {
        // Nearly always the caller continues at the end.
        if let last = self.runs.last, last.endSequence <= sequence { return self.runs.count }
        var low = 0
        var high = self.runs.count
        while low < high {
            let middle = (low + high) / 2
            if self.runs[middle].endSequence <= sequence { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
