internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// Asks for the proof that an entry is in a tree.
package struct GetInclusionProofRequest: Equatable, ProtoMessage {
    package var index: UInt64
    /// 0 means the current checkpoint's size.
    package var size: UInt64

    package init(
        index: UInt64 = 0,
        size: UInt64 = 0,
    ) {
        self.index = index
        self.size = size
    }

    package static let codec = unsafe ProtoCodec(
        indelible__v1__get_inclusion_proof_request__init,
        Self.init(generated:),
    )

    @unsafe private init(generated: Indelible__V1__GetInclusionProofRequest) throws(IndelibleError) {
        unsafe self.init(
            index: generated.index,
            size: generated.size,
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.varint(1, self.index)
        writer.varint(2, self.size)
    }
}
