/// Consecutive sequence numbers of one producer that became consecutive entries.
package struct ProducerRun: Equatable, Sendable {
    package var firstSequence: UInt64
    package var firstIndex: UInt64
    package var count: UInt64

    package init(firstSequence: UInt64, firstIndex: UInt64, count: UInt64) {
        self.firstSequence = firstSequence
        self.firstIndex = firstIndex
        self.count = count
    }

    /// One past the last sequence number.
    var endSequence: UInt64 { self.firstSequence + self.count }
    var endIndex: UInt64 { self.firstIndex + self.count }

    /// The part of this run whose sequence numbers are from `first` up to, not including, `end`.
    func clipped(from first: UInt64, to end: UInt64) -> ProducerRun? {
        let start = max(first, self.firstSequence)
        let stop = min(end, self.endSequence)
        guard start < stop else { return nil }
        return ProducerRun(
            firstSequence: start,
            firstIndex: self.firstIndex + (start - self.firstSequence),
            count: stop - start,
        )
    }

    /// Whether `next` goes on where this run ends, in sequence and in the log.
    func continues(with next: ProducerRun) -> Bool {
        self.endSequence == next.firstSequence && self.endIndex == next.firstIndex
    }
}
