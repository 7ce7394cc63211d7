internal import AuditModel
internal import Primitives
internal import ProtobufC
internal import ServiceProtocol

/// Puts submissions together until somebody takes the batch.
///
/// There is no timer: a batch grows for as long as the one before it is on its way, so that a lone event waits for nobody.
/// Each item keeps its originating producer's epoch and sequence, so that exactly once holds whichever collector an event
/// came through. Time and randomness are arguments.
package struct BatchBuilder: Sendable {
    private let limits: BatchLimits
    private let collector: String
    private var builder = AppendRequestBuilder()
    private var parts: [Batch.Part] = []
    /// Of each producer in the open batch: its place in the table, and the sequence that continues it.
    private var producers: [Producer: (position: UInt16, next: UInt64)] = [:]
    private var ids: [[UInt8]: UInt64] = [:]

    /// - Parameter collector: name of the key that will seal.
    package init(collector: String, limits: BatchLimits = BatchLimits()) {
        self.collector = collector
        self.limits = limits
    }

    package var itemCount: Int { self.builder.itemCount }

    /// Whether the open batch has to be finished before `submission` can be added.
    ///
    /// Not only when it would be too long: a batch has each producer in one epoch only, and its numbers rise.
    package func mustFinish(before submission: Submission) -> Bool {
        guard self.itemCount > 0, let first = submission.items.first else { return false }
        if self.itemCount + submission.items.count > self.limits.itemCountMax { return true }
        let byteCount = self.builder.bytes.count + submission.byteCountMax
        if byteCount > self.limits.byteCountMax { return true }
        if let known = self.producers[submission.producer] { return first.sequence < known.next }
        // One place is kept for the collector itself, which numbers the seals.
        return self.ids[submission.producer.id] != nil
            || self.producers.count >= ProtocolLimits.producerCountMax - 1
    }

    /// Adds a submission's items.
    ///
    /// - Parameters:
    ///   - submission: with at least one item, and at most as many as a batch may have.
    ///   - ticket: names the submission in ``Batch/parts``.
    ///   - blinds: 16 random bytes for each item.
    ///   - receivedNanoseconds: for the stamp, since the Unix epoch.
    /// - Precondition: ``mustFinish(before:)`` is `false`.
    package mutating func add(
        _ submission: Submission,
        ticket: UInt64,
        blinds: [UInt8],
        receivedNanoseconds: UInt64,
    ) {
        guard let first = submission.items.first else { preconditionFailure("a submission to add has items") }
        precondition(!self.mustFinish(before: submission), "the open batch has no room for this")
        precondition(blinds.count == submission.items.count * Entry.blindByteCount, "each item has a blind")
        let stamp = Stamp(collector: self.collector, receivedNanoseconds: receivedNanoseconds).serialized
        var (position, next) = self.place(of: submission.producer, first: first.sequence)
        let start = self.itemCount
        for (number, item) in submission.items.enumerated() {
            let blind = number * Entry.blindByteCount
            self.builder.append(
                blind: blinds.span.extracting(blind..<blind + Entry.blindByteCount),
                stamp: stamp,
                body: item.body,
                in: submission.bytes.span,
                kind: submission.kind,
                slot: item.slot,
                producer: position,
                sequence: item.sequence == next ? 0 : item.sequence,
                eventID: item.eventID,
            )
            next = item.sequence + 1
        }
        self.producers[submission.producer] = (position, next)
        self.parts.append(.init(ticket: ticket, items: start..<self.itemCount))
    }

    /// Takes the open batch; `nil` when there is none.
    package mutating func finish() -> Batch? {
        guard self.itemCount > 0 else { return nil }
        let batch = Batch(request: self.builder.bytes, itemCount: self.itemCount, parts: self.parts)
        self = BatchBuilder(collector: self.collector, limits: self.limits)
        return batch
    }

    private mutating func place(of producer: Producer, first: UInt64) -> (position: UInt16, next: UInt64) {
        if let known = self.producers[producer] { return known }
        self.ids[producer.id] = producer.epoch
        return (self.builder.append(producer, firstSequence: first), first)
    }
}
