internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// Asks a witness for a cosignature.
package struct AddCheckpointRequest: Equatable, ProtoMessage {
    /// The body of C2SP tlog-witness, "add-checkpoint".
    package var body: [UInt8]

    package init(body: [UInt8] = []) { self.body = body }

    package static let codec = unsafe ProtoCodec(indelible__v1__add_checkpoint_request__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__AddCheckpointRequest) throws(IndelibleError) {
        unsafe self.init(body: generated.body.bytes)
    }

    package func write(to writer: inout ProtoWriter) { writer.bytes(1, self.body) }
}
