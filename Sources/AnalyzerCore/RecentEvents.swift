/// An actor's last events, in the few words that habits are judged by: a ring of fixed size.
struct RecentEvents: Sendable {
    static let countMax = 16

    /// One event; texts are hashes.
    struct Item: Equatable, Sendable {
        var action: UInt32 = 0
        var service: UInt32 = 0
        /// 0 for none.
        var target: UInt32 = 0
        var address: UInt32 = 0
        var agent: UInt32 = 0
        /// Since the Unix epoch.
        var second: UInt32 = 0
        var category: UInt8 = 0
        var failed = false
    }

    /// What the last events say about the one that comes next.
    struct Echo: Equatable, Sendable {
        var sameAction: Int32 = 0
        /// Directly before it, without another action between.
        var actionRun: Int32 = 0
        /// Different targets of its action, its own included; 0 when the action is not among them.
        var actionTargets: Int32 = 0
        var sameActionFailures: Int32 = 0
        var sameCategory: Int32 = 0
        /// Different services, its own included.
        var services: Int32 = 0
        /// In the ten seconds before it.
        var burst: Int32 = 0
        /// 0 without an event before, 1 for the same as then, 2 for another.
        var agentChange: Int32 = 0
        var addressChange: Int32 = 0
    }

    private static let burstSeconds: UInt32 = 10

    private var items: InlineArray<16, Item> = InlineArray(repeating: Item())
    private var count = 0
    private var next = 0

    func echo(of item: Item) -> Echo {
        var echo = Echo(services: 1)
        var services: InlineArray<17, UInt32> = InlineArray(repeating: item.service)
        var targets: InlineArray<17, UInt32> = InlineArray(repeating: item.target)
        var targetCount = 1
        var serviceCount = 1
        var isRun = true
        // The latest first.
        for age in 1...Self.countMax where age <= self.count {
            let other = self.items[(self.next + Self.countMax - age) % Self.countMax]
            if age == 1 {
                echo.agentChange = other.agent == item.agent ? 1 : 2
                echo.addressChange = other.address == item.address ? 1 : 2
            }
            if other.action == item.action {
                echo.sameAction += 1
                if isRun { echo.actionRun += 1 }
                if other.failed { echo.sameActionFailures += 1 }
                if Self.isNew(other.target, targets, targetCount) {
                    targets[targetCount] = other.target
                    targetCount += 1
                }
            } else {
                isRun = false
            }
            if other.category == item.category { echo.sameCategory += 1 }
            if Self.isNew(other.service, services, serviceCount) {
                services[serviceCount] = other.service
                serviceCount += 1
            }
            if item.second >= other.second, item.second - other.second <= Self.burstSeconds { echo.burst += 1 }
        }
        echo.actionTargets = echo.sameAction == 0 ? 0 : Int32(targetCount)
        echo.services = Int32(serviceCount)
        return echo
    }

    mutating func append(_ item: Item) {
        self.items[self.next] = item
        self.next = (self.next + 1) % Self.countMax
        self.count = min(Self.countMax, self.count + 1)
    }

    /// Which is replaced next, then each event in seven words.
    var serialized: [UInt8] {
        var words = [UInt32(self.next)]
        for position in 0..<self.count {
            let item = self.items[position]
            words += [item.action, item.service, item.target, item.address, item.agent, item.second]
            words.append(UInt32(item.category) << 1 | (item.failed ? 1 : 0))
        }
        return WordBytes.bytes(words)
    }

    /// - Returns: `nil` for bytes that are not of such a ring.
    init?(serialized bytes: Span<UInt8>) {
        self.init()
        guard let words = WordBytes.words(bytes), words.count % 7 == 1, words.count / 7 <= Self.countMax,
            words[0] < Self.countMax
        else { return nil }
        self.next = Int(words[0])
        self.count = words.count / 7
        for position in 0..<self.count {
            let start = 1 + position * 7
            self.items[position] = Item(
                action: words[start],
                service: words[start + 1],
                target: words[start + 2],
                address: words[start + 3],
                agent: words[start + 4],
                second: words[start + 5],
                category: UInt8(truncatingIfNeeded: words[start + 6] >> 1),
                failed: words[start + 6] & 1 != 0,
            )
        }
    }

    init() {}

    private static func isNew(_ value: UInt32, _ values: InlineArray<17, UInt32>, _ count: Int) -> Bool {
        for position in 0..<count where values[position] == value { return false }
        return true
    }
}
