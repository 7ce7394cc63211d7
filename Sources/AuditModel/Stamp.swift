internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// Who took an entry in, and when.
package struct Stamp: Equatable, ProtoMessage {
    /// Name of the collector's key.
    package var collector: String
    /// Nanoseconds since the Unix epoch, by the collector's clock.
    package var receivedNanoseconds: UInt64

    package init(collector: String, receivedNanoseconds: UInt64) {
        self.collector = collector
        self.receivedNanoseconds = receivedNanoseconds
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__stamp__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__Stamp) throws(IndelibleError) {
        unsafe self.init(
            collector: String(field: generated.collector),
            receivedNanoseconds: generated.received_ns,
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.text(1, self.collector)
        writer.fixed64(2, self.receivedNanoseconds)
    }
}
