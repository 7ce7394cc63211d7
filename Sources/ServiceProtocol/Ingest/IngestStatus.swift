internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// How a collector is.
package struct IngestStatus: Equatable, ProtoMessage {
    /// Name of its key.
    package var collector: String
    /// A verifier key of C2SP signed-note.
    package var collectorVerifierKey: String
    package var spooledBatches: UInt64
    package var spooledByteCount: UInt64
    /// `connected`, `connecting` or `away`.
    package var ledgerState: String
    /// Events since the start.
    package var accepted: UInt64
    /// Events since the start.
    package var rejected: UInt64
    /// Acknowledged, refused by the ledger for good, and kept apart.
    package var refusedBatches: UInt64

    package init(
        collector: String = "",
        collectorVerifierKey: String = "",
        spooledBatches: UInt64 = 0,
        spooledByteCount: UInt64 = 0,
        ledgerState: String = "",
        accepted: UInt64 = 0,
        rejected: UInt64 = 0,
        refusedBatches: UInt64 = 0,
    ) {
        self.collector = collector
        self.collectorVerifierKey = collectorVerifierKey
        self.spooledBatches = spooledBatches
        self.spooledByteCount = spooledByteCount
        self.ledgerState = ledgerState
        self.accepted = accepted
        self.rejected = rejected
        self.refusedBatches = refusedBatches
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__ingest_status__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__IngestStatus) throws(IndelibleError) {
        unsafe self.init(
            collector: String(field: generated.collector),
            collectorVerifierKey: String(field: generated.collector_vkey),
            spooledBatches: generated.spooled_batches,
            spooledByteCount: generated.spooled_bytes,
            ledgerState: String(field: generated.ledger_state),
            accepted: generated.accepted,
            rejected: generated.rejected,
            refusedBatches: generated.refused_batches,
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.text(1, self.collector)
        writer.text(2, self.collectorVerifierKey)
        writer.varint(3, self.spooledBatches)
        writer.varint(4, self.spooledByteCount)
        writer.text(5, self.ledgerState)
        writer.varint(6, self.accepted)
        writer.varint(7, self.rejected)
        writer.varint(8, self.refusedBatches)
    }
}
