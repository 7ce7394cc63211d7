internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// Entry bytes before an index are dropped; their leaf hashes stay.
package struct RetentionRecord: Equatable, ProtoMessage {
    package var upTo: UInt64
    package var policy: String

    package init(
        upTo: UInt64 = 0,
        policy: String = "",
    ) {
        self.upTo = upTo
        self.policy = policy
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__retention_record__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__RetentionRecord) throws(IndelibleError) {
        unsafe self.init(
            upTo: generated.up_to,
            policy: String(field: generated.policy),
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.varint(1, self.upTo)
        writer.text(2, self.policy)
    }
}
