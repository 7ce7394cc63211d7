package import AuditModel
internal import Cryptography
package import Primitives
internal import ProtobufC
package import ServiceProtocol

/// What a collector itself has to say in the log, in its own numbering.
package struct CollectorRecords: Sendable {
    private let producer: Producer
    private var sequence: UInt64 = 1

    /// - Parameter epoch: the collector's start; ``CollectorEpoch``.
    package init(of collector: CollectorKey, epoch: UInt64) throws(IndelibleError) {
        let name = Array("indelible/collector-records/v1\n\(collector.name)\n".utf8)
        self.producer = Producer(id: try SHA256.hash(name, collector.publicKey).bytes, epoch: epoch)
    }

    /// Says that items which callers were promised are not in the log.
    ///
    /// - Parameter request: an AppendRequest of one producer's items.
    /// - Returns: `nil` when they are such records themselves: that would go on for ever.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when `request` is malformed.
    package mutating func refused(_ request: [UInt8], reason: String) throws(IndelibleError) -> SubmitRequest? {
        var view = AppendRequestView()
        try view.read(request.span)
        // A request has at least one item, and its numbers rise.
        guard let first = view.items.first, let last = view.items.last else {
            preconditionFailure("a request has items")
        }
        let id = Array(request[view.producers[Int(first.producer)].id])
        guard id != self.producer.id else { return nil }
        return self.request(
            SourceRecord(
                source: "producer \(Hex.encode(id))",
                change: "rejected",
                firstSequence: first.sequence,
                lastSequence: last.sequence,
                detail: reason,
            )
        )
    }

    /// What the collector says of a source, with the next number.
    package mutating func request(_ record: SourceRecord) -> SubmitRequest {
        defer { self.sequence += 1 }
        return SubmitRequest(
            producer: self.producer,
            firstSequence: self.sequence,
            kind: .source,
            events: [record.serialized],
        )
    }
}
