internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// How one witness of a log is.
package struct WitnessStatus: Equatable, ProtoMessage {
    package var name: String
    package var verifierKey: String
    package var url: String
    /// Last size that it cosigned for us.
    package var size: UInt64
    /// Nanoseconds since the Unix epoch.
    package var cosignedNanoseconds: UInt64
    /// Why the last attempt failed; empty when it did not.
    package var error: String

    package init(
        name: String = "",
        verifierKey: String = "",
        url: String = "",
        size: UInt64 = 0,
        cosignedNanoseconds: UInt64 = 0,
        error: String = "",
    ) {
        self.name = name
        self.verifierKey = verifierKey
        self.url = url
        self.size = size
        self.cosignedNanoseconds = cosignedNanoseconds
        self.error = error
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__witness_status__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__WitnessStatus) throws(IndelibleError) {
        unsafe self.init(
            name: String(field: generated.name),
            verifierKey: String(field: generated.vkey),
            url: String(field: generated.url),
            size: generated.size,
            cosignedNanoseconds: generated.cosigned_ns,
            error: String(field: generated.error),
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.text(1, self.name)
        writer.text(2, self.verifierKey)
        writer.text(3, self.url)
        writer.varint(4, self.size)
        writer.fixed64(5, self.cosignedNanoseconds)
        writer.text(6, self.error)
    }
}
