internal import AuditModel
internal import CIndelibleProto
package import Primitives
package import ProtobufC

/// Leads from an older root to a newer one (RFC 9162, section 2.1.4).
package struct ConsistencyProofResponse: Equatable, ProtoMessage {
    package var oldSize: UInt64
    package var size: UInt64
    package var hashes: [Digest]

    package init(
        oldSize: UInt64 = 0,
        size: UInt64 = 0,
        hashes: [Digest] = [],
    ) {
        self.oldSize = oldSize
        self.size = size
        self.hashes = hashes
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__consistency_proof__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__ConsistencyProof) throws(IndelibleError) {
        unsafe self.init(
            oldSize: generated.old_size,
            size: generated.size,
            hashes: try [Digest](field: "ConsistencyProof.hashes", generated.hashes, count: generated.n_hashes),
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.varint(1, self.oldSize)
        writer.varint(2, self.size)
        writer.digests(3, self.hashes)
    }
}
