internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// One event that can never be taken, and why.
package struct RejectedEvent: Equatable, ProtoMessage {
    /// In the request.
    package var position: UInt32
    /// What is wrong and what to do, for people.
    package var reason: String

    package init(
        position: UInt32 = 0,
        reason: String = "",
    ) {
        self.position = position
        self.reason = reason
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__rejected_event__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__RejectedEvent) throws(IndelibleError) {
        unsafe self.init(
            position: generated.position,
            reason: String(field: generated.reason),
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.varint(1, UInt64(self.position))
        writer.text(2, self.reason)
    }
}
