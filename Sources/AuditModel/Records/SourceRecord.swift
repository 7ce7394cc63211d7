internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// A source starts, stops, falls silent or leaves a gap.
package struct SourceRecord: Equatable, ProtoMessage {
    package var source: String
    /// `start`, `stop`, `gap`, `reorder`, `silence`, `overflow` or `rejected`.
    package var change: String
    /// The source's numbering.
    package var firstSequence: UInt64
    package var lastSequence: UInt64
    package var detail: String

    package init(
        source: String = "",
        change: String = "",
        firstSequence: UInt64 = 0,
        lastSequence: UInt64 = 0,
        detail: String = "",
    ) {
        self.source = source
        self.change = change
        self.firstSequence = firstSequence
        self.lastSequence = lastSequence
        self.detail = detail
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__source_record__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__SourceRecord) throws(IndelibleError) {
        unsafe self.init(
            source: String(field: generated.source),
            change: String(field: generated.change),
            firstSequence: generated.first_sequence,
            lastSequence: generated.last_sequence,
            detail: String(field: generated.detail),
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.text(1, self.source)
        writer.text(2, self.change)
        writer.varint(3, self.firstSequence)
        writer.varint(4, self.lastSequence)
        writer.text(5, self.detail)
    }
}
