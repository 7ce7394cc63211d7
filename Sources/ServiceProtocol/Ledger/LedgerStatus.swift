internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// How a log and its writer are.
package struct LedgerStatus: Equatable, ProtoMessage {
    /// Name of the log.
    package var origin: String
    /// A verifier key of C2SP signed-note.
    package var logVerifierKey: String
    /// Entries that are synced.
    package var durableSize: UInt64
    /// Entries under the latest signed checkpoint.
    package var checkpointSize: UInt64
    /// Entries in sealed segments.
    package var sealedSize: UInt64
    /// `serving`, `read_only` or `refusing_to_sign`.
    package var state: String
    /// Why it is not serving, and what to do.
    package var reason: String
    /// When the latest checkpoint was published, in nanoseconds since the Unix epoch.
    package var checkpointNanoseconds: UInt64
    package var witnesses: [WitnessStatus]

    package init(
        origin: String = "",
        logVerifierKey: String = "",
        durableSize: UInt64 = 0,
        checkpointSize: UInt64 = 0,
        sealedSize: UInt64 = 0,
        state: String = "",
        reason: String = "",
        checkpointNanoseconds: UInt64 = 0,
        witnesses: [WitnessStatus] = [],
    ) {
        self.origin = origin
        self.logVerifierKey = logVerifierKey
        self.durableSize = durableSize
        self.checkpointSize = checkpointSize
        self.sealedSize = sealedSize
        self.state = state
        self.reason = reason
        self.checkpointNanoseconds = checkpointNanoseconds
        self.witnesses = witnesses
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__ledger_status__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__LedgerStatus) throws(IndelibleError) {
        unsafe self.init(
            origin: String(field: generated.origin),
            logVerifierKey: String(field: generated.log_vkey),
            durableSize: generated.durable_size,
            checkpointSize: generated.checkpoint_size,
            sealedSize: generated.sealed_size,
            state: String(field: generated.state),
            reason: String(field: generated.reason),
            checkpointNanoseconds: generated.checkpoint_ns,
            witnesses: try WitnessStatus.all(generated.witnesses, count: generated.n_witnesses),
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.text(1, self.origin)
        writer.text(2, self.logVerifierKey)
        writer.varint(3, self.durableSize)
        writer.varint(4, self.checkpointSize)
        writer.varint(5, self.sealedSize)
        writer.text(6, self.state)
        writer.text(7, self.reason)
        writer.fixed64(8, self.checkpointNanoseconds)
        writer.messages(9, self.witnesses)
    }
}
