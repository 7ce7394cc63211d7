internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// A legal hold is placed or lifted.
package struct HoldRecord: Equatable, ProtoMessage {
    package var name: String
    package var action: String
    package var firstIndex: UInt64
    package var lastIndex: UInt64

    package init(
        name: String = "",
        action: String = "",
        firstIndex: UInt64 = 0,
        lastIndex: UInt64 = 0,
    ) {
        self.name = name
        self.action = action
        self.firstIndex = firstIndex
        self.lastIndex = lastIndex
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__hold_record__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__HoldRecord) throws(IndelibleError) {
        unsafe self.init(
            name: String(field: generated.name),
            action: String(field: generated.action),
            firstIndex: generated.first_index,
            lastIndex: generated.last_index,
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.text(1, self.name)
        writer.text(2, self.action)
        writer.varint(3, self.firstIndex)
        writer.varint(4, self.lastIndex)
    }
}
