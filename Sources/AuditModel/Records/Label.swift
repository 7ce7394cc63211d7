internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// What a person says about an event, for training and for the record.
package struct Label: Equatable, ProtoMessage {
    package var eventIndex: UInt64
    /// The word, such as `benign` or a category.
    package var label: String
    package var reason: String
    /// Who says so.
    package var author: String

    package init(
        eventIndex: UInt64 = 0,
        label: String = "",
        reason: String = "",
        author: String = "",
    ) {
        self.eventIndex = eventIndex
        self.label = label
        self.reason = reason
        self.author = author
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__label__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__Label) throws(IndelibleError) {
        unsafe self.init(
            eventIndex: generated.event_index,
            label: String(field: generated.label),
            reason: String(field: generated.reason),
            author: String(field: generated.author),
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.varint(1, self.eventIndex)
        writer.text(2, self.label)
        writer.text(3, self.reason)
        writer.text(4, self.author)
    }
}
