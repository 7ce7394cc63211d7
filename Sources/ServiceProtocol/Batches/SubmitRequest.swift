package import AuditModel
internal import Primitives
internal import ProtobufC

/// One producer's events on their way to a collector.
package struct SubmitRequest: Equatable, Sendable {
    package var producer: Producer
    /// Of the first event, from 1; each further one has the next.
    package var firstSequence: UInt64
    package var kind: EntryKind
    /// Serialised bodies, 1 to ``ProtocolLimits/eventCountMax``.
    package var events: [[UInt8]]

    package init(producer: Producer, firstSequence: UInt64, kind: EntryKind = .event, events: [[UInt8]]) {
        self.producer = producer
        self.firstSequence = firstSequence
        self.kind = kind
        self.events = events
    }

    package var serialized: [UInt8] {
        var writer = ProtoWriter()
        writer.reserveCapacity(self.events.reduce(128) { $0 + $1.count + 6 })
        writer.bytes(1, self.producer.id)
        writer.fixed64(2, self.producer.epoch)
        writer.fixed64(3, self.firstSequence)
        writer.each(4, self.events)
        writer.varint(5, self.kind == .event ? 0 : UInt64(self.kind.rawValue))
        return writer.bytes
    }
}
