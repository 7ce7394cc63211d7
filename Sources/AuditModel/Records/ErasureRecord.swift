internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// A subject's key was destroyed.
package struct ErasureRecord: Equatable, ProtoMessage {
    /// The subject's pseudonym, never the person's name.
    package var subject: String
    package var reason: String

    package init(
        subject: String = "",
        reason: String = "",
    ) {
        self.subject = subject
        self.reason = reason
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__erasure_record__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__ErasureRecord) throws(IndelibleError) {
        unsafe self.init(
            subject: String(field: generated.subject),
            reason: String(field: generated.reason),
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.text(1, self.subject)
        writer.text(2, self.reason)
    }
}
