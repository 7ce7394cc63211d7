import AuditModel
import Masking
import Primitives
import ProtobufC
import ServiceProtocol

extension Masker {
    /// A SubmitRequest with its events masked; the very same bytes when there was nothing to mask.
    ///
    /// An event that cannot be read stays as it is, for the check that refuses it with its reason.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when the request as a whole is malformed, and what the keys throw.
    func masked(_ request: [UInt8]) throws(IndelibleError) -> [UInt8] {
        var view = SubmitRequestView()
        try view.read(request.span)
        guard view.kind == .event else { return request }
        var events: [[UInt8]] = []
        var isChanged = false
        for range in view.events {
            let bytes = Array(request[range])
            if var event = try? AuditEvent(serialized: bytes), try self.mask(&event) {
                events.append(event.serialized)
                isChanged = true
            } else {
                events.append(bytes)
            }
        }
        guard isChanged else { return request }
        return SubmitRequest(
            producer: Producer(id: Array(request[view.producerID]), epoch: view.epoch),
            firstSequence: view.firstSequence,
            events: events,
        ).serialized
    }
}
