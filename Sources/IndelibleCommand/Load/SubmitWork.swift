import AuditModel
import Cryptography
package import Primitives
import ProtobufC
import ServiceProtocol
package import Wire

/// Submits made-up events to an ingest, under a producer of its own: what clients do.
package struct SubmitWork: LoadWork {
    /// Positions of what is unique to an event, in the request that is sent again and again.
    private struct Item {
        /// 16 bytes.
        var id: Int
        /// Eight bytes, little-endian.
        var occurred: Int
    }

    private struct Template {
        var bytes: [UInt8]
        /// Eight bytes, little-endian.
        var firstSequence: Int
        var items: [Item]
    }

    private let producer: Producer
    private let entryByteCount: Int
    private let batch: Int
    private var remaining: UInt64
    private var template: Template
    private var random: SplitMix64
    private var nextSequence: UInt64 = 1

    /// - Parameters:
    ///   - entryByteCount: bytes of an entry with such an event, but for the collector's name.
    ///   - batch: events of a request, 1 to ``ProtocolLimits/eventCountMax``.
    ///   - remaining: events to send.
    ///   - epoch: now, in nanoseconds since the Unix epoch.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when no entry can have the size.
    package init(entryByteCount: Int, batch: Int, remaining: UInt64, epoch: UInt64) throws(IndelibleError) {
        let identity = try SecureRandom.bytes(16)
        self.producer = Producer(id: identity, epoch: epoch)
        self.entryByteCount = entryByteCount
        self.batch = batch
        self.remaining = remaining
        self.template = try Self.template(self.producer, entryByteCount, count: batch)
        self.random = SplitMix64(seed: identity.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }

    package var method: MethodDescriptor { IngestMethods.submit }

    package mutating func next(now: UInt64) throws(IndelibleError) -> LoadRequest? {
        guard self.remaining > 0 else { return nil }
        let count = min(self.remaining, UInt64(self.batch))
        if Int(count) != self.template.items.count {
            self.template = try Self.template(self.producer, self.entryByteCount, count: Int(count))
        }
        self.patch(now: now)
        self.remaining -= count
        self.nextSequence += count
        return LoadRequest(bytes: self.template.bytes, count: count)
    }

    /// Makes the events unique; the places were checked when the template was made.
    private mutating func patch(now: UInt64) {
        var random = self.random
        let (items, sequence) = (self.template.items, self.template.firstSequence)
        unsafe self.template.bytes.withUnsafeMutableBytes { bytes in
            unsafe bytes.storeBytes(of: self.nextSequence.littleEndian, toByteOffset: sequence, as: UInt64.self)
            for item in items {
                let id = EventID(unixMilliseconds: now / 1_000_000, randomness: (random.next(), random.next()))
                for (offset, byte) in id.bytes.enumerated() { unsafe bytes[item.id + offset] = byte }
                unsafe bytes.storeBytes(of: now.littleEndian, toByteOffset: item.occurred, as: UInt64.self)
            }
        }
        self.random = random
    }

    private static func template(
        _ producer: Producer,
        _ entryByteCount: Int,
        count: Int,
    ) throws(IndelibleError) -> Template {
        let sample = try LoadEvent(entryByteCount: entryByteCount, collector: "")
        let events = (0..<count).map { sample.event(actor: LoadEvent.actor($0 % LoadTemplate.actorCount)).serialized }
        let bytes = SubmitRequest(producer: producer, firstSequence: 1, events: events).serialized
        var view = SubmitRequestView()
        try view.read(bytes.span)
        var items: [Item] = []
        for range in view.events {
            let event = try EventScan(bytes.span, in: range)
            // The field after the id, behind its tag.
            items.append(Item(id: event.id.lowerBound, occurred: event.id.upperBound + 1))
        }
        // A fixed64 is a tag and eight bytes; the epoch stands between the producer's id and the sequence.
        return Template(bytes: bytes, firstSequence: view.producerID.upperBound + 9 + 1, items: items)
    }
}
