internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// Asks for the proof that a tree only grew.
package struct GetConsistencyProofRequest: Equatable, ProtoMessage {
    package var oldSize: UInt64
    /// 0 means the current checkpoint's size.
    package var size: UInt64

    package init(
        oldSize: UInt64 = 0,
        size: UInt64 = 0,
    ) {
        self.oldSize = oldSize
        self.size = size
    }

    package static let codec = unsafe ProtoCodec(
        indelible__v1__get_consistency_proof_request__init,
        Self.init(generated:),
    )

    @unsafe private init(generated: Indelible__V1__GetConsistencyProofRequest) throws(IndelibleError) {
        unsafe self.init(
            oldSize: generated.old_size,
            size: generated.size,
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.varint(1, self.oldSize)
        writer.varint(2, self.size)
    }
}
