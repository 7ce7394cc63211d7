package import AuditModel
package import Primitives
package import ServiceProtocol

/// One caller's events on their way into a batch: checked, in the bytes that were received.
package struct Submission: Sendable {
    package let producer: Producer
    package let kind: EntryKind
    /// What the items' ranges are positions in.
    package let bytes: [UInt8]
    /// The bodies that were accepted, in order.
    package let items: [SubmissionItem]
    package let rejected: [RejectedEvent]

    /// Reads and checks a SubmitRequest.
    ///
    /// One bad event does not keep out the others: it is listed with its reason, and its sequence number stays unused.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when the request as a whole is malformed.
    package init(_ payload: [UInt8]) throws(IndelibleError) {
        var view = SubmitRequestView()
        try view.read(payload.span)
        var items: [SubmissionItem] = []
        var rejected: [RejectedEvent] = []
        items.reserveCapacity(view.events.count)
        for (position, body) in view.events.enumerated() {
            let sequence = view.firstSequence + UInt64(position)
            do throws(IndelibleError) {
                items.append(try SubmissionItem(payload.span, body, kind: view.kind, sequence: sequence))
            } catch {
                rejected.append(RejectedEvent(position: UInt32(position), reason: error.message))
            }
        }
        self.producer = Producer(id: Array(payload[view.producerID]), epoch: view.epoch)
        self.kind = view.kind
        self.bytes = payload
        self.items = items
        self.rejected = rejected
    }
}
