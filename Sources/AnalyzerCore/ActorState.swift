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
    private var actions = RecentSet<48>()
    private var targets = RecentSet<48>()
    /// One bit per event, the last one lowest: it failed; it did something new.
    private var failures: UInt64 = 0
    private var novelties: UInt64 = 0
    /// One bit per hour of the day in which the actor was seen.
    private var hours: UInt32 = 0
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

    /// What an event looks like in the light of the actor's earlier ones.
    package struct Observation: Equatable, Sendable {
        /// 0 without enough history, 1 for seen before, 2 for new.
        package enum Novelty: Int32, Sendable {
            case unknown = 0
            case seen = 1
            case new = 2
        }

        package init() {}

        /// Index + 1 of the actor's event before; 0 when there is none.
        package var previousIndex: UInt64 = 0
        /// All of the following are features.
        package var events: Int32 = 0
        package var secondsSincePrevious: Int32 = 0
        package var address = Novelty.unknown
        package var agent = Novelty.unknown
        package var action = Novelty.unknown
        package var target = Novelty.unknown
        package var hour = Novelty.unknown
        package var addressCount: Int32 = 0
        package var agentCount: Int32 = 0
        package var actionCount: Int32 = 0
        /// Failures among the 16 events before.
        package var recentFailures: Int32 = 0
        /// Failures without a success between, directly before this event.
        package var failureRun: Int32 = 0
        /// Events among the 16 before that did something new.
        package var recentNovelties: Int32 = 0
        package var eventsThisMinute: Int32 = 0
        package var eventsThisHour: Int32 = 0
    }

    private static let nanosecondsPerSecond: UInt64 = 1_000_000_000

    package init() {}

    /// Looks at an event and remembers it.
    package mutating func observe(index: UInt64, _ event: AuditEvent, foldedAction: [UInt8]) -> Observation {
        var seen = Observation()
        let known = self.eventCount >= Self.historyCountMin
        func novelty(_ isNew: Bool) -> Observation.Novelty { known ? isNew ? .new : .seen : .unknown }
        let time = event.occurredNanoseconds
        seen.previousIndex = self.lastIndex
        seen.events = FixedPoint.magnitude(self.eventCount)
        seen.recentFailures = Int32((self.failures & 0xffff).nonzeroBitCount)
        seen.failureRun = Int32((~self.failures).trailingZeroBitCount)
        seen.recentNovelties = Int32((self.novelties & 0xffff).nonzeroBitCount)
        if self.eventCount > 0, time >= self.lastTime {
            seen.secondsSincePrevious = 1 + FixedPoint.magnitude((time - self.lastTime) / Self.nanosecondsPerSecond)
        }

        let isNewAddress = Self.insert(event.origin.address, &self.addresses)
        let isNewAgent = Self.insert(event.origin.userAgent, &self.agents)
        let isNewAction = self.actions.insert(FNV.folded(foldedAction))
        let isNewTarget = Self.insert(event.targets.first?.id ?? "", &self.targets)
        let hourBit = UInt32(1) << UInt32(time / (3600 * Self.nanosecondsPerSecond) % 24)
        seen.address = novelty(isNewAddress)
        seen.agent = novelty(isNewAgent)
        seen.action = novelty(isNewAction)
        seen.target = novelty(isNewTarget)
        seen.hour = novelty(self.hours & hourBit == 0)
        seen.addressCount = Int32(self.addresses.count)
        seen.agentCount = Int32(self.agents.count)
        seen.actionCount = Int32(self.actions.count)
        seen.eventsThisMinute = FixedPoint.magnitude(self.minute.count(time, length: 60 * Self.nanosecondsPerSecond))
        seen.eventsThisHour = FixedPoint.magnitude(self.hour.count(time, length: 3600 * Self.nanosecondsPerSecond))

        let failed = event.outcome.result == .failure || event.outcome.result == .denied
        self.failures = self.failures << 1 | (failed ? 1 : 0)
        self.novelties = self.novelties << 1 | (isNewAddress || isNewAgent || isNewAction ? 1 : 0)
        self.hours |= hourBit
        self.eventCount += 1
        self.lastIndex = index + 1
        self.lastTime = time
        return seen
    }

    /// An absent value is never new.
    private static func insert<let capacity: Int>(_ text: String, _ set: inout RecentSet<capacity>) -> Bool {
        text.isEmpty ? false : set.insert(FNV.folded(text.utf8))
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
        writer.varint(6, UInt64(self.hours))
        writer.varint(7, self.minute.start)
        writer.varint(8, self.minute.count)
        writer.varint(9, self.hour.start)
        writer.varint(10, self.hour.count)
        writer.bytes(11, self.addresses.serialized)
        writer.bytes(12, self.agents.serialized)
        writer.bytes(13, self.actions.serialized)
        writer.bytes(14, self.targets.serialized)
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
            case (6, .varint(let value)): self.hours = UInt32(truncatingIfNeeded: value)
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
                guard let set = RecentSet<48>(serialized: bytes.extracting(set)) else { return nil }
                self.actions = set
            case (14, .bytes(let set)):
                guard let set = RecentSet<48>(serialized: bytes.extracting(set)) else { return nil }
                self.targets = set
            default: return nil
            }
        }
    }
}
