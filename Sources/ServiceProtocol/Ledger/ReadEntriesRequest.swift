package import AuditModel
internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// Asks for a stream of entries.
package struct ReadEntriesRequest: Equatable, ProtoMessage {
    package var from: UInt64
    /// Exclusive; 0 means no end.
    package var to: UInt64
    /// Stay at the end and send what becomes durable.
    package var follow: Bool
    /// Only these are sent.
    package var kinds: EntryKindSet
    /// Only entries of these slots are sent.
    package var slots: SlotSet
    /// Sent besides, whatever their slot.
    package var kindsOfAllSlots: EntryKindSet

    package init(
        from: UInt64 = 0,
        to: UInt64 = 0,
        follow: Bool = false,
        kinds: EntryKindSet = .all,
        slots: SlotSet = .all,
        kindsOfAllSlots: EntryKindSet = EntryKindSet([]),
    ) {
        self.from = from
        self.to = to
        self.follow = follow
        self.kinds = kinds
        self.slots = slots
        self.kindsOfAllSlots = kindsOfAllSlots
    }

    /// Whether an entry is wanted.
    package func wants(_ kind: EntryKind, slot: UInt8) -> Bool {
        (self.kinds.contains(kind) && self.slots.contains(slot)) || self.kindsOfAllSlots.contains(kind)
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__read_entries_request__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__ReadEntriesRequest) throws(IndelibleError) {
        let kinds = try unsafe Self.kinds(UnsafeBufferPointer(start: generated.kinds, count: generated.n_kinds))
        let besides = unsafe UnsafeBufferPointer(
            start: generated.kinds_of_all_slots,
            count: generated.n_kinds_of_all_slots,
        )
        unsafe self.init(
            from: generated.from,
            to: generated.to,
            follow: generated.follow != 0,
            kinds: kinds.isEmpty ? .all : EntryKindSet(kinds),
            slots: try SlotSet(serialized: generated.slots.bytes),
            kindsOfAllSlots: EntryKindSet(try Self.kinds(besides)),
        )
    }

    @unsafe private static func kinds(_ numbers: UnsafeBufferPointer<UInt32>) throws(IndelibleError) -> [EntryKind] {
        var kinds: [EntryKind] = []
        for number in unsafe Array(numbers) {
            guard let kind = EntryKind(number: UInt64(number)) else {
                throw IndelibleError(
                    .invalidArgument,
                    "\(number) is no kind of entry; kinds are \(EntryKind.range.lowerBound) to \(EntryKind.range.upperBound).",
                )
            }
            kinds.append(kind)
        }
        return kinds
    }

    package func write(to writer: inout ProtoWriter) {
        writer.varint(1, self.from)
        writer.varint(2, self.to)
        writer.varint(3, self.follow ? 1 : 0)
        writer.packed(4, varints: self.kinds.members.map { UInt64($0.rawValue) })
        writer.bytes(5, self.slots.serialized)
        writer.packed(6, varints: self.kindsOfAllSlots.members.map { UInt64($0.rawValue) })
    }
}
