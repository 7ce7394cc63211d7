internal import Cryptography
internal import Primitives
internal import ProtobufC

/// What correlations remember of the events of one slot: a function of these events, in log order, and nothing else.
///
/// Bounded: when there is too much of it, the half that was silent for longest is forgotten.
package struct RuleState: Sendable, Equatable {
    /// Groups of events, of all correlations.
    package static let groupCountMax = 512
    /// Events, of all groups.
    package static let itemCountMax = 8192

    /// An event that a correlation counts, or the rules of an ordered one so far.
    struct Item: Sendable, Equatable {
        /// Nanoseconds since the Unix epoch, by the source's clock; of an ordered correlation, when its first rule held.
        let time: UInt64
        /// What is counted once: a hash of the value, or the position of the rule.
        let key: UInt64
        let events: [UInt64]
    }

    struct Group: Sendable, Equatable {
        var items: [Item] = []
        /// The latest event of the group.
        var latest: UInt64 = 0
        /// Index of its last event.
        var lastIndex: UInt64 = 0
    }

    private(set) var groups: [Digest: Group] = [:]
    private var itemCount = 0

    package init() {}

    package static func == (left: RuleState, right: RuleState) -> Bool { left.groups == right.groups }

    /// Takes an event for a group.
    ///
    /// - Parameters:
    ///   - time: Nanoseconds since the Unix epoch; one before the timespan is left out.
    ///   - keys: What the event counts as, at least one.
    /// - Returns: the events that complete the correlation, which then begins anew; `nil` when they do not.
    mutating func take(
        _ id: Digest,
        _ correlation: Correlation,
        time: UInt64,
        index: UInt64,
        keys: [UInt64],
    ) -> [UInt64]? {
        if self.groups[id] == nil { self.makeRoom() }
        var group = self.groups[id] ?? Group()
        self.itemCount -= group.items.count
        group.latest = max(group.latest, time)
        group.lastIndex = index
        let earliest = group.latest - min(group.latest, correlation.timespanNanoseconds)
        group.items.removeAll { $0.time < earliest }
        guard time >= earliest else {
            self.put(group, id)
            return nil
        }
        let isComplete = group.add(correlation, time: time, index: index, keys: keys)
        guard isComplete else {
            self.put(group, id)
            return nil
        }
        self.groups[id] = nil
        let last = correlation.kind == .temporalOrdered ? group.items.suffix(1) : group.items[...]
        return Set(last.flatMap(\.events)).sorted()
    }

    private mutating func put(_ group: Group, _ id: Digest) {
        self.itemCount += group.items.count
        self.groups[id] = group
        if self.itemCount > Self.itemCountMax { self.forgetHalf() }
    }

    private mutating func makeRoom() {
        if self.groups.count >= Self.groupCountMax { self.forgetHalf() }
    }

    private mutating func forgetHalf() {
        let indices = self.groups.values.map(\.lastIndex).sorted()
        let median = indices[indices.count / 2]
        self.groups = self.groups.filter { $0.value.lastIndex > median }
        self.itemCount = self.groups.values.reduce(0) { $0 + $1.items.count }
    }

    // MARK: To be kept

    /// Groups, the longest silent first.
    package var serialized: [UInt8] {
        var writer = ProtoWriter()
        let ordered = self.groups.sorted {
            ($0.value.lastIndex, $0.key.hex) < ($1.value.lastIndex, $1.key.hex)
        }
        for (id, group) in ordered {
            writer.nested(1) { writer in
                writer.bytes(1, id.bytes)
                writer.varint(2, group.latest)
                writer.varint(3, group.lastIndex)
                for item in group.items {
                    writer.nested(4) { writer in
                        writer.varint(1, item.time)
                        writer.fixed64(2, item.key)
                        for event in item.events { writer.always(3, Self.bytes(event)) }
                    }
                }
            }
        }
        return writer.bytes
    }

    /// - Returns: `nil` when the bytes are no state.
    package init?(_ bytes: [UInt8]) {
        do throws(IndelibleError) {
            var fields = ProtoScanner(0..<bytes.count)
            while let field = try fields.next(in: bytes.span) {
                guard field.number == 1, let range = field.range, let (id, group) = try Self.group(bytes.span, range),
                    self.groups.count < Self.groupCountMax
                else { return nil }
                self.groups[id] = group
                self.itemCount += group.items.count
            }
        } catch { return nil }
    }

    private static func group(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(IndelibleError) -> (Digest, Group)? {
        var id: Digest?
        var group = Group()
        var fields = ProtoScanner(range)
        while let field = try fields.next(in: bytes) {
            switch (field.number, field.value) {
            case (1, .bytes(let part)): id = Digest(part.map { bytes[$0] })
            case (2, .varint(let value)): group.latest = value
            case (3, .varint(let value)): group.lastIndex = value
            case (4, .bytes(let part)):
                guard let item = try Self.item(bytes, part) else { return nil }
                group.items.append(item)
            default: return nil
            }
        }
        return id.map { ($0, group) }
    }

    private static func item(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(IndelibleError) -> Item? {
        var time: UInt64 = 0
        var key: UInt64 = 0
        var events: [UInt64] = []
        var fields = ProtoScanner(range)
        while let field = try fields.next(in: bytes) {
            switch (field.number, field.value) {
            case (1, .varint(let value)): time = value
            case (2, .fixed64(let value)): key = value
            case (3, .bytes(let part)):
                guard part.count == 8 else { return nil }
                events.append(part.reduce(0) { $0 << 8 | UInt64(bytes[$1]) })
            default: return nil
            }
        }
        return Item(time: time, key: key, events: events)
    }

    private static func bytes(_ value: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(56 - 8 * $0)) }
    }
}

extension RuleState.Group {
    /// - Returns: whether the correlation is complete.
    fileprivate mutating func add(_ correlation: Correlation, time: UInt64, index: UInt64, keys: [UInt64]) -> Bool {
        switch correlation.kind {
        case .eventCount:
            self.items.append(RuleState.Item(time: time, key: 0, events: [index]))
            return self.items.count >= correlation.count
        case .valueCount, .temporal:
            for key in keys {
                self.items.removeAll { $0.key == key }
                self.items.append(RuleState.Item(time: time, key: key, events: [index]))
            }
            return self.items.count >= correlation.count
        case .temporalOrdered:
            // From the last rule on, so that one event does not stand for two rules in a row.
            for key in keys.sorted(by: >) {
                var item = RuleState.Item(time: time, key: key, events: [index])
                if key > 0 {
                    guard let before = self.items.first(where: { $0.key == key - 1 }) else { continue }
                    item = RuleState.Item(time: before.time, key: key, events: before.events + [index])
                }
                self.items.removeAll { $0.key == key }
                self.items.append(item)
                if Int(key) == correlation.count - 1 { return true }
            }
            return false
        }
    }
}
