import AnalyzerCore
import AuditModel
import Cryptography
import Platform
import Primitives
import ServiceProtocol

/// Batches of verdicts as the one request that appends them all.
struct VerdictRequest {
    /// In the stamps of verdicts.
    static let collector = "analyzer"

    let bytes: [UInt8]
    let entryCount: Int

    /// Decides and packs, off the caller's executor.
    ///
    /// - Returns: `nil` when there is nothing to append.
    /// - Throws: as ``init(_:now:)``.
    @concurrent static func decided(_ pending: PendingVerdicts) async throws(IndelibleError) -> VerdictRequest? {
        let batches = pending.decided()
        return batches.isEmpty ? nil : try Self(batches, now: SystemClock.wallNanoseconds)
    }

    /// - Parameters:
    ///   - batches: Not empty, of each model, or rule set, slot by slot, at most ``ProtocolLimits/itemCountMax``.
    ///   - now: For the stamps, in nanoseconds since the Unix epoch.
    /// - Throws: ``IndelibleError/Code/internal`` when hashing or the random generator fails.
    init(_ batches: [PendingVerdicts.Batch], now: UInt64) throws(IndelibleError) {
        let noEventID: [UInt8] = []
        var builder = AppendRequestBuilder(acknowledgement: .durable)
        var positions: [[UInt8]: UInt16] = [:]
        for batch in batches {
            let id = try VerdictStream.consumerID(
                model: batch.verdicts.modelHash,
                schema: batch.verdicts.schemaHash,
                slot: batch.slot,
            )
            let position: UInt16
            if let known = positions[id] {
                position = known
            } else {
                position = builder.append(
                    Producer(id: id, epoch: batch.epoch),
                    firstSequence: batch.sequence,
                    after: batch.after,
                )
                positions[id] = position
            }
            let entry = Entry(
                blind: try SecureRandom.bytes(Entry.blindByteCount),
                stamp: Stamp(collector: Self.collector, receivedNanoseconds: now),
                body: .verdicts(batch.verdicts),
            ).serialized
            builder.append(
                entry: entry.span,
                kind: .verdicts,
                slot: batch.slot,
                producer: position,
                sequence: batch.sequence,
                eventID: noEventID.span,
            )
        }
        self.bytes = builder.bytes
        self.entryCount = builder.itemCount
    }
}
