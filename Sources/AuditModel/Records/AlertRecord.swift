internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// An alert that was raised, or that failed to reach anybody.
package struct AlertRecord: Equatable, ProtoMessage {
    package var kind: String
    package var detail: String
    /// The entry that it is about.
    package var index: UInt64

    package init(
        kind: String = "",
        detail: String = "",
        index: UInt64 = 0,
    ) {
        self.kind = kind
        self.detail = detail
        self.index = index
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__alert_record__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__AlertRecord) throws(IndelibleError) {
        unsafe self.init(
            kind: String(field: generated.kind),
            detail: String(field: generated.detail),
            index: generated.index,
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.text(1, self.kind)
        writer.text(2, self.detail)
        writer.varint(3, self.index)
    }
}
