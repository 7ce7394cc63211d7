import JSONText
package import ServiceProtocol

/// Which analyzers share the actors of a log, and how far they are.
package struct AnalyzerReport {
    /// One analyzer, as its metrics and the ledger say.
    package struct Analyzer {
        /// As `indelible up` named it; else the member's name.
        let process: String
        let url: String?
        /// `nil` when it did not answer.
        let metrics: MetricsText?
        /// A second later; `nil` when it was asked once.
        let later: MetricsText?
        /// As the ledger says; `nil` when it shares nothing.
        fileprivate(set) var holder: SlotHolder?

        package init(process: String, url: String?, metrics: MetricsText?, later: MetricsText? = nil) {
            self.process = process
            self.url = url
            self.metrics = metrics
            self.later = later
        }

        fileprivate var slots: SlotSet { self.holder?.slots ?? .none }
        fileprivate var isConnected: Bool { self.integer("connected") == 1 }

        fileprivate func integer(_ name: String, _ labels: [String: String] = [:]) -> UInt64? {
            self.metrics?.integer("indelible_analyzer_\(name)", labels)
        }

        fileprivate func label(_ name: String) -> String? {
            self.metrics?.label(name, of: "indelible_analyzer_info")
        }

        /// Entries of the log that it has not looked at; `nil` when it holds nothing or does not say.
        fileprivate func lag(_ durableSize: UInt64) -> UInt64? {
            guard self.slots != .none else { return nil }
            return self.integer("next_index").map { durableSize - min($0, durableSize) }
        }

        /// Events in the second between the two looks.
        fileprivate func rate(_ slot: UInt8) -> UInt64? {
            let labels = ["slot": "\(slot)"]
            guard let first = self.integer("slot_events_total", labels),
                let last = self.later?.integer("indelible_analyzer_slot_events_total", labels)
            else { return nil }
            return last - min(first, last)
        }
    }

    private static let slotCount = 256

    private let origin: String
    private let durableSize: UInt64
    private let analyzers: [Analyzer]
    private let showsSlots: Bool

    /// - Parameters:
    ///   - analyzers: those whose metrics are known where to ask for.
    ///   - holders: as the ledger says; of those that are no analyzers above only this is known.
    ///   - showsSlots: slot by slot, too.
    package init(
        origin: String,
        durableSize: UInt64,
        analyzers: [Analyzer],
        holders: [SlotHolder],
        showsSlots: Bool = false,
    ) {
        self.origin = origin
        self.durableSize = durableSize
        self.showsSlots = showsSlots
        var rest = holders
        var all = analyzers
        for position in all.indices {
            guard let member = all[position].label("member"),
                let found = rest.firstIndex(where: { $0.member == member })
            else { continue }
            all[position].holder = rest.remove(at: found)
        }
        for holder in rest {
            var analyzer = Analyzer(process: holder.member, url: nil, metrics: nil)
            analyzer.holder = holder
            all.append(analyzer)
        }
        self.analyzers = all
    }

    /// Slots whose events nobody judges now.
    package var uncoveredSlotCount: Int { Self.slotCount - self.analyzers.reduce(0) { $0 + $1.slots.count } }

    /// Whether every slot has an analyzer, and every analyzer that should answer does.
    package var isComplete: Bool {
        self.uncoveredSlotCount == 0 && self.analyzers.allSatisfy { $0.url == nil || $0.isConnected }
    }

    /// One object, on one line; what an analyzer did not say is null.
    package var json: String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("origin", self.origin)
            writer.member("durable_size", self.durableSize)
            writer.member("uncovered_slots", self.uncoveredSlotCount)
            writer.key("analyzers")
            writer.array { writer in
                for analyzer in self.analyzers { writer.object { self.write(analyzer, to: &$0) } }
            }
        }
        return writer.text + "\n"
    }

    private func write(_ analyzer: Analyzer, to writer: inout JSONWriter) {
        let texts: [(key: String, value: String?)] = [
            ("process", analyzer.process), ("metrics_http", analyzer.url), ("member", analyzer.holder?.member),
            ("slots", analyzer.holder.map { Self.ranges($0.slots) }), ("model", analyzer.label("model")),
            ("model_name", analyzer.label("model_name")), ("schema", analyzer.label("schema")),
        ]
        for (key, value) in texts {
            writer.key(key)
            if let value { writer.string(value) } else { writer.null() }
        }
        writer.member("reachable", analyzer.metrics != nil)
        writer.member("connected", analyzer.isConnected)
        let counts: [(key: String, value: UInt64?)] = [
            ("slot_count", UInt64(analyzer.slots.count)),
            ("silent_milliseconds", analyzer.holder.map { UInt64($0.silentMilliseconds) }),
            ("next_index", analyzer.integer("next_index")),
            ("lag_entries", analyzer.lag(self.durableSize)),
            ("scored_events", analyzer.integer("scored_events_total")),
            ("unreadable_events", analyzer.integer("unreadable_events_total")),
            ("appended_entries", analyzer.integer("appended_entries_total")),
            ("restarts", analyzer.integer("restarts_total")),
        ]
        for (key, value) in counts { Self.write(key, value, to: &writer) }
        guard self.showsSlots else { return }
        writer.key("by_slot")
        writer.array { writer in
            for slot in analyzer.slots.members {
                writer.object { writer in
                    writer.member("slot", slot)
                    for (key, value) in self.counts(slot, analyzer) { Self.write(key, value, to: &writer) }
                }
            }
        }
    }

    private func counts(_ slot: UInt8, _ analyzer: Analyzer) -> [(key: String, value: UInt64?)] {
        let labels = ["slot": "\(slot)"]
        return [
            ("epoch", analyzer.integer("slot_epoch", labels)),
            ("lag_entries", analyzer.integer("slot_lag_entries", labels)),
            ("events", analyzer.integer("slot_events_total", labels)),
            ("events_per_second", analyzer.rate(slot)),
        ]
    }

    private static func write(_ key: String, _ value: UInt64?, to writer: inout JSONWriter) {
        writer.key(key)
        if let value { writer.integer(value) } else { writer.null() }
    }

    /// For people.
    package var text: String {
        var text = "\(self.origin): \(self.durableSize) entries\n"
        for analyzer in self.analyzers {
            let slots = analyzer.holder.map { "\($0.slots.count) slots (\(Self.ranges($0.slots)))" } ?? "no slots"
            if analyzer.url != nil, analyzer.metrics == nil {
                text += "  \(analyzer.process): does not answer at \(analyzer.url ?? "")\n"
                continue
            }
            let model = analyzer.label("model_name").map { ", model \($0)" } ?? ""
            let lag = analyzer.lag(self.durableSize).map { ", \($0) entries behind" } ?? ""
            let connected = analyzer.metrics == nil || analyzer.isConnected ? "" : ", not connected to the ledger"
            text += "  \(analyzer.process): \(slots)\(model)\(lag)\(connected)\n"
            guard self.showsSlots else { continue }
            for slot in analyzer.slots.members {
                let counts = self.counts(slot, analyzer).map { "\($0.key) \($0.value.map(String.init) ?? "unknown")" }
                text += "    slot \(slot): \(counts.joined(separator: ", "))\n"
            }
        }
        if self.uncoveredSlotCount > 0 { text += "  \(self.uncoveredSlotCount) slots without an analyzer\n" }
        return text
    }

    /// Such as `0-3,7`.
    private static func ranges(_ slots: SlotSet) -> String {
        var ranges: [ClosedRange<UInt8>] = []
        for slot in slots.members {
            if let last = ranges.last, Int(last.upperBound) + 1 == Int(slot) {
                ranges[ranges.count - 1] = last.lowerBound...slot
            } else {
                ranges.append(slot...slot)
            }
        }
        return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ",")
    }
}
