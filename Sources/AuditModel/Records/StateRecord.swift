internal import CIndelibleProto
package import Primitives
package import ProtobufC

/// The analyzers' global state, frozen: what every analyzer reads until the next one.
package struct StateRecord: Equatable, ProtoMessage {
    /// SHA-256 of the model file that the state is for.
    package var modelHash: Digest
    /// The state is a function of the entries before this index.
    package var upTo: UInt64
    /// SHA-256 of the state.
    package var stateHash: Digest
    /// The state itself; empty when it is detached.
    package var state: [UInt8]

    package init(
        modelHash: Digest,
        upTo: UInt64 = 0,
        stateHash: Digest,
        state: [UInt8] = [],
    ) {
        self.modelHash = modelHash
        self.upTo = upTo
        self.stateHash = stateHash
        self.state = state
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__state_record__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__StateRecord) throws(IndelibleError) {
        unsafe self.init(
            modelHash: try Digest(field: "StateRecord.model_hash", generated.model_hash),
            upTo: generated.up_to,
            stateHash: try Digest(field: "StateRecord.state_hash", generated.state_hash),
            state: generated.state.bytes,
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.bytes(1, self.modelHash.bytes)
        writer.varint(2, self.upTo)
        writer.bytes(3, self.stateHash.bytes)
        writer.bytes(4, self.state)
    }
}
