import IngestCore
import ServiceProtocol

/// A caller whose events are in a batch.
struct Waiter: Sendable {
    let submission: Submission
    let continuation: CheckedContinuation<SubmitResponse, any Error>

    /// Its events are safe on this disk.
    func answerSpooled() {
        self.continuation.resume(
            returning: SubmitResponse(
                accepted: UInt32(self.submission.items.count),
                rejected: self.submission.rejected,
            )
        )
    }

    /// Its events are in the log.
    ///
    /// - Parameter places: of its items, in order.
    func answerDurable(_ places: [Delivery.Place]) {
        self.continuation.resume(
            returning: SubmitResponse(
                accepted: UInt32(places.count),
                rejected: self.submission.rejected,
                durable: true,
                firstIndex: places.first?.index ?? 0,
                lastIndex: places.last?.index ?? 0,
                duplicates: UInt32(places.count { $0.wasKnown }),
            )
        )
    }

    func fail(_ error: any Error) { self.continuation.resume(throwing: error) }
}
