internal import AuditModel
internal import CIndelibleProto
package import Primitives
package import ProtobufC

/// Leads from neighbouring leaves to a root.
package struct RangeProofResponse: Equatable, ProtoMessage {
    package var first: UInt64
    /// Exclusive.
    package var end: UInt64
    /// The tree size whose root it leads to.
    package var size: UInt64
    /// Roots of the perfect subtrees that cover what is before the range, largest first.
    package var left: [Digest]
    /// Roots of the subtrees that cover what is after the range, smallest first.
    package var right: [Digest]

    package init(
        first: UInt64 = 0,
        end: UInt64 = 0,
        size: UInt64 = 0,
        left: [Digest] = [],
        right: [Digest] = [],
    ) {
        self.first = first
        self.end = end
        self.size = size
        self.left = left
        self.right = right
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__range_proof__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__RangeProof) throws(IndelibleError) {
        unsafe self.init(
            first: generated.first,
            end: generated.end,
            size: generated.size,
            left: try [Digest](field: "RangeProof.left", generated.left, count: generated.n_left),
            right: try [Digest](field: "RangeProof.right", generated.right, count: generated.n_right),
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.varint(1, self.first)
        writer.varint(2, self.end)
        writer.varint(3, self.size)
        writer.digests(4, self.left)
        writer.digests(5, self.right)
    }
}
