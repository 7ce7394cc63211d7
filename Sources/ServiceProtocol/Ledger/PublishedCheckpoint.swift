internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// A signed checkpoint as the ledger hands it out.
package struct PublishedCheckpoint: Equatable, ProtoMessage {
    /// A signed note: the log's signature first, then cosignatures (C2SP tlog-checkpoint).
    package var note: [UInt8]
    /// As the note says; a convenience, not evidence.
    package var size: UInt64
    /// Nanoseconds since the Unix epoch.
    package var publishedNanoseconds: UInt64

    package init(
        note: [UInt8] = [],
        size: UInt64 = 0,
        publishedNanoseconds: UInt64 = 0,
    ) {
        self.note = note
        self.size = size
        self.publishedNanoseconds = publishedNanoseconds
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__checkpoint__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__Checkpoint) throws(IndelibleError) {
        unsafe self.init(
            note: generated.note.bytes,
            size: generated.size,
            publishedNanoseconds: generated.published_ns,
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.bytes(1, self.note)
        writer.varint(2, self.size)
        writer.fixed64(3, self.publishedNanoseconds)
    }
}
