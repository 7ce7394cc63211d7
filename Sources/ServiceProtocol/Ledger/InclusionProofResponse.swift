internal import AuditModel
internal import CIndelibleProto
package import Primitives
package import ProtobufC

/// Leads from a leaf to a root.
package struct InclusionProofResponse: Equatable, ProtoMessage {
    package var index: UInt64
    /// The tree size whose root it leads to.
    package var size: UInt64
    package var leafHash: Digest
    /// The leaf's sibling first (RFC 9162, section 2.1.3).
    package var hashes: [Digest]

    package init(
        index: UInt64 = 0,
        size: UInt64 = 0,
        leafHash: Digest,
        hashes: [Digest] = [],
    ) {
        self.index = index
        self.size = size
        self.leafHash = leafHash
        self.hashes = hashes
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__inclusion_proof__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__InclusionProof) throws(IndelibleError) {
        unsafe self.init(
            index: generated.index,
            size: generated.size,
            leafHash: try Digest(field: "InclusionProof.leaf_hash", generated.leaf_hash),
            hashes: try [Digest](field: "InclusionProof.hashes", generated.hashes, count: generated.n_hashes),
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.varint(1, self.index)
        writer.varint(2, self.size)
        writer.bytes(3, self.leafHash.bytes)
        writer.digests(4, self.hashes)
    }
}
