import AnalyzerCore
import JSONText

/// What the analyzers of a suite follow, and how far they are.
package struct AnalyzerReport {
    /// One analyzer, as its metrics say.
    package struct Analyzer {
        /// As `indelible up` named it.
        let process: String
        let url: String
        /// `nil` when it did not answer.
        let metrics: MetricsText?

        package init(process: String, url: String, metrics: MetricsText?) {
            self.process = process
            self.url = url
            self.metrics = metrics
        }

        fileprivate var slots: SlotRange? { self.label("slots").flatMap { try? SlotRange($0) } }
        fileprivate var isConnected: Bool { self.integer("connected") == 1 }
        fileprivate func integer(_ name: String) -> UInt64? { self.metrics?.integer("indelible_analyzer_\(name)") }
        fileprivate func label(_ name: String) -> String? {
            self.metrics?.label(name, of: "indelible_analyzer_info")
        }

        /// Entries of the log that it has not looked at.
        fileprivate func lag(_ durableSize: UInt64) -> UInt64? {
            self.integer("next_index").map { durableSize - min($0, durableSize) }
        }
    }

    private static let slotCount = 256

    private let origin: String
    private let durableSize: UInt64
    private let analyzers: [Analyzer]

    package init(origin: String, durableSize: UInt64, analyzers: [Analyzer]) {
        self.origin = origin
        self.durableSize = durableSize
        self.analyzers = analyzers
    }

    /// Slots whose events nobody judges now.
    package var uncoveredSlotCount: Int {
        var covered = Set<UInt8>()
        for analyzer in self.analyzers where analyzer.isConnected {
            if let slots = analyzer.slots { covered.formUnion(slots.range) }
        }
        return Self.slotCount - covered.count
    }

    /// Whether every analyzer is connected, and every slot has one.
    package var isComplete: Bool { self.uncoveredSlotCount == 0 && self.analyzers.allSatisfy(\.isConnected) }

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
        writer.member("process", analyzer.process)
        writer.member("metrics_http", analyzer.url)
        writer.member("reachable", analyzer.metrics != nil)
        writer.member("connected", analyzer.isConnected)
        for name in ["slots", "model", "model_name", "schema"] {
            writer.key(name)
            if let text = analyzer.label(name) { writer.string(text) } else { writer.null() }
        }
        let counts: [(key: String, value: UInt64?)] = [
            ("next_index", analyzer.integer("next_index")),
            ("lag_entries", analyzer.lag(self.durableSize)),
            ("scored_events", analyzer.integer("scored_events_total")),
            ("unreadable_events", analyzer.integer("unreadable_events_total")),
            ("appended_entries", analyzer.integer("appended_entries_total")),
            ("restarts", analyzer.integer("restarts_total")),
        ]
        for (key, value) in counts {
            writer.key(key)
            if let value { writer.integer(value) } else { writer.null() }
        }
    }

    /// For people.
    package var text: String {
        var text = "\(self.origin): \(self.durableSize) entries\n"
        for analyzer in self.analyzers {
            guard analyzer.metrics != nil else {
                text += "  \(analyzer.process): does not answer at \(analyzer.url)\n"
                continue
            }
            let lag = analyzer.lag(self.durableSize).map { "\($0) entries behind" } ?? "unknown lag"
            text += """
                  \(analyzer.process): slots \(analyzer.label("slots") ?? "unknown"), model \
                \(analyzer.label("model_name") ?? "unknown"), \(analyzer.isConnected ? lag : "not connected to the ledger")

                """
        }
        if self.uncoveredSlotCount > 0 { text += "  \(self.uncoveredSlotCount) slots without an analyzer\n" }
        return text
    }
}
