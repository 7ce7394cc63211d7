import AnalyzerCore
import AuditModel
import Cryptography
import Primitives
import ServiceProtocol

/// Batches of verdicts as the one request that appends them all.
struct VerdictRequest {
    /// In the stamps of verdicts.
    static let collector = "analyzer"

    let bytes: [UInt8]
    let entryCount: Int

    /// - Parameters:
    ///   - batches: Not empty, slot by slot, at most ``ProtocolLimits/itemCountMax``.
    ///   - epoch: This process's start, in nanoseconds since the Unix epoch.
    ///   - now: For the stamps, in nanoseconds since the Unix epoch.
    /// - Throws: ``IndelibleError/Code/internal`` when hashing or the random generator fails.
    init(
        _ batches: [VerdictStream.Batch],
        model: AnalyzerModel,
        epoch: UInt64,
        now: UInt64,
    ) throws(IndelibleError) {
        let noEventID: [UInt8] = []
        var builder = AppendRequestBuilder(acknowledgement: .durable)
        var positions: [UInt8: UInt16] = [:]
        for batch in batches {
            if positions[batch.slot] == nil {
                let id = try VerdictStream.producerID(model, slot: batch.slot)
                let producer = Producer(id: id, epoch: epoch)
                positions[batch.slot] = builder.append(producer, firstSequence: batch.sequence)
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
                producer: positions[batch.slot, default: 0],
                sequence: batch.sequence,
                eventID: noEventID.span,
            )
        }
        self.bytes = builder.bytes
        self.entryCount = builder.itemCount
    }
}
