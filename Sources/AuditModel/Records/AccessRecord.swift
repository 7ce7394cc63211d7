internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// Somebody read or exported audit data.
package struct AccessRecord: Equatable, ProtoMessage {
    package var who: String
    package var what: String
    package var firstIndex: UInt64
    package var lastIndex: UInt64
    package var purpose: String

    package init(
        who: String = "",
        what: String = "",
        firstIndex: UInt64 = 0,
        lastIndex: UInt64 = 0,
        purpose: String = "",
    ) {
        self.who = who
        self.what = what
        self.firstIndex = firstIndex
        self.lastIndex = lastIndex
        self.purpose = purpose
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__access_record__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__AccessRecord) throws(IndelibleError) {
        unsafe self.init(
            who: String(field: generated.who),
            what: String(field: generated.what),
            firstIndex: generated.first_index,
            lastIndex: generated.last_index,
            purpose: String(field: generated.purpose),
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.text(1, self.who)
        writer.text(2, self.what)
        writer.varint(3, self.firstIndex)
        writer.varint(4, self.lastIndex)
        writer.text(5, self.purpose)
    }
}
