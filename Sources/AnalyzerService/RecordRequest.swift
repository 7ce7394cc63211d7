import AuditModel
import Cryptography
import Primitives
import ProtobufC
import ServiceProtocol

/// The records that announce a rule set, as requests to be sent in order.
///
/// Numbered by their place, under an id that follows from the set: sent twice, also by two analyzers, they are in the log once
/// as long as the ledger remembers the producer, and more of them say nothing new.
struct RecordRequest {
    private static let epoch: UInt64 = 1
    /// Bytes of one request, about.
    private static let byteCount = 1 << 20

    private(set) var requests: [[UInt8]] = []

    /// - Parameters:
    ///   - set: whose records they are.
    ///   - now: For the stamps, in nanoseconds since the Unix epoch.
    /// - Throws: ``IndelibleError/Code/internal`` when hashing or the random generator fails.
    init(_ records: [RuleRecord], of set: Digest, now: UInt64) throws(IndelibleError) {
        let producer = Producer(
            id: try SHA256.hash(Array("indelible/rules/v1\n".utf8), set.bytes).bytes,
            epoch: Self.epoch,
        )
        let noEventID: [UInt8] = []
        var builder: AppendRequestBuilder?
        var position: UInt16 = 0
        for (number, record) in records.enumerated() {
            let entry = Entry(
                blind: try SecureRandom.bytes(Entry.blindByteCount),
                stamp: Stamp(collector: VerdictRequest.collector, receivedNanoseconds: now),
                body: .rule(record),
            ).serialized
            var open = builder ?? AppendRequestBuilder(acknowledgement: .durable)
            if builder == nil { position = open.append(producer, firstSequence: UInt64(number) + 1) }
            open.append(entry: entry.span, kind: .rule, slot: 0, producer: position, eventID: noEventID.span)
            if open.bytes.count >= Self.byteCount {
                self.requests.append(open.bytes)
                builder = nil
            } else {
                builder = open
            }
        }
        if let builder { self.requests.append(builder.bytes) }
    }
}
