package import AuditModel
internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// Asks where an event is.
package struct FindRequest: Equatable, ProtoMessage {
    package var eventID: EventID

    package init(
        eventID: EventID
    ) {
        self.eventID = eventID
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__find_request__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__FindRequest) throws(IndelibleError) {
        unsafe self.init(
            eventID: try EventID(field: "FindRequest.event_id", generated.event_id)
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.bytes(1, self.eventID.bytes)
    }
}
