package import AuditModel
internal import Primitives
internal import ProtobufC

/// What is remembered of one actor: a function of its events in log order, of fixed size.
package struct ActorState: Sendable {
    /// Novelty means nothing before an actor has a history of this many events.
    package static let historyCountMin: UInt64 = 8

    private(set) var eventCount: UInt64 = 0
    /// Index + 1 of the actor's last event; 0 before the first.
    private(set) var lastIndex: UInt64 = 0
    private var lastTime: UInt64 = 0
    private var addresses = RecentSet<16>()
    private var agents = RecentSet<8>()
    private var places = RecentSet<8>()
    private var networks = RecentSet<8>()
    private var actions = HabitTable<48>()
    private var targets = HabitTable<48>()
    private var recent = RecentEvents()
    /// Events of each category.
    private var categories: InlineArray<16, UInt32> = InlineArray(repeating: 0)
    /// One bit per event, the last one lowest: it failed; it did something new.
    private var failures: UInt64 = 0
    private var novelties: UInt64 = 0
    /// Events in each hour of the day.
    private var hours: InlineArray<24, UInt32> = InlineArray(repeating: 0)
    /// Different days on which the actor was seen; they rise, as time does.
    private var dayCount: UInt32 = 0
    private var lastDay: UInt64 = 0
    /// Magnitudes of the bytes moved by events that moved any: how many, and their sum.
    private var amountCount: Int32 = 0
    private var amountSum: Int32 = 0
    private var minute = Window()
    private var hour = Window()

    /// Events in the current stretch of time.
    private struct Window: Sendable {
        var start: UInt64 = 0
        var count: UInt64 = 0

        mutating func count(_ time: UInt64, length: UInt64) -> UInt64 {
            let start = time / length
            if start != self.start { (self.start, self.count) = (start, 0) }
            self.count += 1
            return self.count
        }
    }

    private static let nanosecondsPerSecond: UInt64 = 1_000_000_000

    /// Hours mean nothing before an actor was seen on this many days.
    package static let dayCountMin: UInt32 = 4
    /// Rarities stop here, so that a value that was never seen says nothing of how long the history is.
    package static let rarityMax: Int32 = 6
    /// Amounts from here on are not averaged any more.
    private static let amountCountMax: Int32 = 1 << 20
    /// Counts of hours and categories stop here.
    private static let countMax: UInt32 = 1 << 28

    package init() {}

    /// Looks at an event and remembers it.
    ///
    /// - Parameter foldedAction: as ``EventFacts/foldedAction(_:)`` makes it.
    package mutating func observe(
        index: UInt64,
        _ event: AuditEvent,
        foldedAction: [UInt8],
        category: ActivityCategory = .other,
        values: RecordValues = RecordValues(),
    ) -> Observation {
        var seen = Observation()
        let known = self.eventCount >= Self.historyCountMin
        func novelty(_ isNew: Bool) -> Observation.Novelty { known ? isNew ? .new : .seen : .unknown }
        let time = event.occurredNanoseconds
        let failed = event.outcome.result == .failure || event.outcome.result == .denied
        seen.previousIndex = self.lastIndex
        seen.events = FixedPoint.magnitude(self.eventCount)
        seen.recentFailures = Int32((self.failures & 0xffff).nonzeroBitCount)
        seen.failureRun = Int32((~self.failures).trailingZeroBitCount)
        seen.recentNovelties = Int32((self.novelties & 0xffff).nonzeroBitCount)
        if self.eventCount > 0, time >= self.lastTime {
            seen.secondsSincePrevious = 1 + FixedPoint.magnitude((time - self.lastTime) / Self.nanosecondsPerSecond)
        }

        let item = Self.item(event, foldedAction, category, failed: failed)
        let target = FNV.folded((event.targets.first?.id ?? "").utf8Span.span)
        let isNewAddress = Self.insert(event.origin.address, &self.addresses)
        let isNewAgent = Self.insert(event.origin.userAgent, &self.agents)
        let actionHabit = self.actions.see(FNV.folded(foldedAction.span), second: item.second)
        let targetHabit = item.target == 0 ? nil : self.targets.see(target, second: item.second)
        seen.address = novelty(isNewAddress)
        seen.agent = novelty(isNewAgent)
        seen.action = novelty(actionHabit.count == 0)
        seen.target = novelty(targetHabit?.count == 0)
        seen.place = values.place == 0 ? .unknown : novelty(self.places.insert(values.place))
        seen.network = values.network == 0 ? .unknown : novelty(self.networks.insert(values.network))
        seen.addressCount = Int32(self.addresses.count)
        seen.agentCount = Int32(self.agents.count)
        seen.actionCount = Int32(self.actions.valueCount)
        seen.eventsThisMinute = FixedPoint.magnitude(self.minute.count(time, length: 60 * Self.nanosecondsPerSecond))
        seen.eventsThisHour = FixedPoint.magnitude(self.hour.count(time, length: 3600 * Self.nanosecondsPerSecond))
        if actionHabit.count > 0, item.second >= actionHabit.lastSecond {
            seen.secondsSinceAction = 1 + FixedPoint.magnitude(UInt64(item.second - actionHabit.lastSecond))
        }
        if known {
            seen.actionRarity = self.rarity(actionHabit.count)
            seen.categoryRarity = self.rarity(self.categories[Int(category.number)])
            seen.targetHabit = targetHabit.map { 1 + min(3, FixedPoint.magnitude(UInt64($0.count))) } ?? 0
        }
        self.observeHour(time, known: known, &seen)
        self.observeAmount(values.amount, known: known, &seen)
        seen.take(self.recent.echo(of: item))

        self.recent.append(item)
        self.categories[Int(category.number)] = min(Self.countMax, self.categories[Int(category.number)] + 1)
        self.failures = self.failures << 1 | (failed ? 1 : 0)
        self.novelties = self.novelties << 1 | (isNewAddress || isNewAgent || actionHabit.count == 0 ? 1 : 0)
        self.eventCount += 1
        self.lastIndex = index + 1
        self.lastTime = time
        return seen
    }

    /// 0 to ``rarityMax``: the magnitude of four times the actor's events over those of one kind.
    private func rarity(_ count: UInt32) -> Int32 {
        min(Self.rarityMax, FixedPoint.magnitude((self.eventCount + 1) * 4 / (UInt64(count) + 1)))
    }

    private mutating func observeHour(_ time: UInt64, known: Bool, _ seen: inout Observation) {
        let hour = Int(time / (3600 * Self.nanosecondsPerSecond) % 24)
        let near = self.hours[(hour + 23) % 24] + self.hours[hour] + self.hours[(hour + 1) % 24]
        if known { seen.hour = self.hours[hour] == 0 ? .new : .seen }
        if known, self.dayCount >= Self.dayCountMin { seen.hourRarity = 1 + self.rarity(near) }
        self.hours[hour] = min(Self.countMax, self.hours[hour] + 1)
        let day = time / (24 * 3600 * Self.nanosecondsPerSecond)
        if day > self.lastDay || self.dayCount == 0 { (self.lastDay, self.dayCount) = (day, self.dayCount &+ 1) }
    }

    private mutating func observeAmount(_ amount: UInt64, known: Bool, _ seen: inout Observation) {
        guard amount > 0 else { return }
        seen.amount = FixedPoint.magnitude(amount)
        if known, self.amountCount > 0 {
            // Above 0, which stands for none; a magnitude is at most 64.
            seen.amountExcess = 64 + seen.amount - self.amountSum / self.amountCount
        }
        guard self.amountCount < Self.amountCountMax else { return }
        self.amountCount += 1
        self.amountSum += seen.amount
    }

    private static func item(
        _ event: AuditEvent,
        _ foldedAction: [UInt8],
        _ category: ActivityCategory,
        failed: Bool,
    ) -> RecentEvents.Item {
        func short(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash ^ hash >> 32) }
        func short(_ text: String) -> UInt32 { text.isEmpty ? 0 : short(FNV.folded(text.utf8Span.span)) }
        let service = foldedAction.dropFirst().prefix { $0 != UInt8(ascii: ".") }
        let agent = event.origin.userAgent.utf8.prefix { $0 != UInt8(ascii: "/") && $0 != 0x20 }
        return RecentEvents.Item(
            action: short(FNV.folded(foldedAction.span)),
            service: short(FNV.folded(service.span)),
            target: short(event.targets.first?.id ?? ""),
            address: short(event.origin.address),
            agent: short(FNV.folded(agent.span)),
            second: UInt32(clamping: event.occurredNanoseconds / Self.nanosecondsPerSecond),
            category: UInt8(clamping: category.number),
            failed: failed,
        )
    }

    /// An absent value is never new.
    private static func insert<let capacity: Int>(_ text: String, _ set: inout RecentSet<capacity>) -> Bool {
        text.isEmpty ? false : set.insert(FNV.folded(text.utf8Span.span))
    }
}

/// What is kept between analyzers: a protobuf message of all that ``ActorState`` remembers.
extension ActorState {
    var serialized: [UInt8] {
        var writer = ProtoWriter()
        writer.varint(1, self.eventCount)
        writer.varint(2, self.lastIndex)
        writer.fixed64(3, self.lastTime)
        writer.fixed64(4, self.failures)
        writer.fixed64(5, self.novelties)
        writer.bytes(6, WordBytes.bytes((0..<24).map { self.hours[$0] }))
        writer.varint(7, self.minute.start)
        writer.varint(8, self.minute.count)
        writer.varint(9, self.hour.start)
        writer.varint(10, self.hour.count)
        writer.bytes(11, self.addresses.serialized)
        writer.bytes(12, self.agents.serialized)
        writer.bytes(13, self.actions.serialized)
        writer.bytes(14, self.targets.serialized)
        writer.bytes(15, self.places.serialized)
        writer.bytes(16, self.networks.serialized)
        writer.bytes(17, self.recent.serialized)
        writer.bytes(18, WordBytes.bytes((0..<16).map { self.categories[$0] }))
        writer.varint(19, UInt64(self.dayCount))
        writer.varint(20, self.lastDay)
        writer.varint(21, UInt64(self.amountCount))
        writer.varint(22, UInt64(self.amountSum))
        return writer.bytes
    }

    /// - Returns: `nil` when the bytes in `range` are not such a message.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when they are no message at all.
    init?(_ bytes: Span<UInt8>, in range: Range<Int>) throws(IndelibleError) {
        var fields = ProtoScanner(range)
        while let field = try fields.next(in: bytes) {
            switch (field.number, field.value) {
            case (1, .varint(let value)): self.eventCount = value
            case (2, .varint(let value)): self.lastIndex = value
            case (3, .fixed64(let value)): self.lastTime = value
            case (4, .fixed64(let value)): self.failures = value
            case (5, .fixed64(let value)): self.novelties = value
            case (6, .bytes(let hours)):
                guard let words = WordBytes.words(bytes.extracting(hours)), words.count == 24 else { return nil }
                for (hour, count) in words.enumerated() { self.hours[hour] = min(Self.countMax, count) }
            case (7, .varint(let value)): self.minute.start = value
            case (8, .varint(let value)): self.minute.count = value
            case (9, .varint(let value)): self.hour.start = value
            case (10, .varint(let value)): self.hour.count = value
            case (11, .bytes(let set)):
                guard let set = RecentSet<16>(serialized: bytes.extracting(set)) else { return nil }
                self.addresses = set
            case (12, .bytes(let set)):
                guard let set = RecentSet<8>(serialized: bytes.extracting(set)) else { return nil }
                self.agents = set
            case (13, .bytes(let set)):
                guard let set = HabitTable<48>(serialized: bytes.extracting(set)) else { return nil }
                self.actions = set
            case (14, .bytes(let set)):
                guard let set = HabitTable<48>(serialized: bytes.extracting(set)) else { return nil }
                self.targets = set
            default:
                guard self.readHabits(field, bytes) else { return nil }
            }
        }
    }

    /// - Returns: `false` for a field that is not known, or not of such a state.
    private mutating func readHabits(_ field: ProtoScanner.Field, _ bytes: Span<UInt8>) -> Bool {
        switch (field.number, field.value) {
        case (15, .bytes(let part)):
            guard let set = RecentSet<8>(serialized: bytes.extracting(part)) else { return false }
            self.places = set
        case (16, .bytes(let part)):
            guard let set = RecentSet<8>(serialized: bytes.extracting(part)) else { return false }
            self.networks = set
        case (17, .bytes(let part)):
            guard let recent = RecentEvents(serialized: bytes.extracting(part)) else { return false }
            self.recent = recent
        case (18, .bytes(let part)):
            guard let words = WordBytes.words(bytes.extracting(part)), words.count == 16 else { return false }
            for (category, count) in words.enumerated() { self.categories[category] = min(Self.countMax, count) }
        case (19, .varint(let value)): self.dayCount = UInt32(clamping: value)
        case (20, .varint(let value)): self.lastDay = value
        case (21, .varint(let value)): self.amountCount = min(Self.amountCountMax, Int32(clamping: value))
        case (22, .varint(let value)): self.amountSum = min(64 * Self.amountCountMax, Int32(clamping: value))
        default: return false
        }
        return true
    }
}
