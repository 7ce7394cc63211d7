internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// Asks for one proof for a whole range of entries.
package struct GetRangeProofRequest: Equatable, ProtoMessage {
    package var first: UInt64
    /// Exclusive, larger than ``first``.
    package var end: UInt64
    /// 0 means the current checkpoint's size.
    package var size: UInt64

    package init(
        first: UInt64 = 0,
        end: UInt64 = 0,
        size: UInt64 = 0,
    ) {
        self.first = first
        self.end = end
        self.size = size
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__get_range_proof_request__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__GetRangeProofRequest) throws(IndelibleError) {
        unsafe self.init(
            first: generated.first,
            end: generated.end,
            size: generated.size,
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.varint(1, self.first)
        writer.varint(2, self.end)
        writer.varint(3, self.size)
    }
}
