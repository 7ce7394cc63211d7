internal import CIndelibleProto
package import Primitives
package import ProtobufC

/// What a collector signs about a batch.
package struct SealBody: Equatable, ProtoMessage {
    /// Name of the collector's key.
    package var collector: String
    /// 4 bytes: ``CollectorKey/keyID``.
    package var keyID: [UInt8]
    /// The collector's start, in nanoseconds since the Unix epoch.
    package var epoch: UInt64
    /// Of this seal, from 1 in each epoch.
    package var sequence: UInt64
    /// Entries covered; they stand directly before the seal.
    package var count: UInt32
    /// RFC 6962 root over the leaf hashes of the covered entries.
    package var root: Digest
    /// SHA-256 of the previous seal's body in this epoch; `nil` for the first.
    package var previous: Digest?

    package init(
        collector: String,
        keyID: [UInt8],
        epoch: UInt64,
        sequence: UInt64,
        count: UInt32,
        root: Digest,
        previous: Digest?,
    ) {
        self.collector = collector
        self.keyID = keyID
        self.epoch = epoch
        self.sequence = sequence
        self.count = count
        self.root = root
        self.previous = previous
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__seal_body__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__SealBody) throws(IndelibleError) {
        unsafe self.init(
            collector: String(field: generated.collector),
            keyID: generated.key_id.bytes,
            epoch: generated.epoch,
            sequence: generated.sequence,
            count: generated.count,
            root: try Digest(field: "SealBody.root", generated.root),
            previous: generated.previous.len == 0
                ? nil : try Digest(field: "SealBody.previous", generated.previous),
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.text(1, self.collector)
        writer.bytes(2, self.keyID)
        writer.fixed64(3, self.epoch)
        writer.varint(4, self.sequence)
        writer.varint(5, UInt64(self.count))
        writer.bytes(6, self.root.bytes)
        writer.bytes(7, self.previous?.bytes ?? [])
    }
}
