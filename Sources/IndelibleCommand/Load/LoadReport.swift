import JSONText

/// What a load measured.
package struct LoadReport: Sendable {
    package var tally: LoadTally
    /// From the first request to the last answer.
    package var elapsedNanoseconds: UInt64
    /// CPU time of the ledger meanwhile; `nil` when its metrics were not asked for.
    package var ledgerProcessorNanoseconds: UInt64?
    /// CPU time of this process meanwhile.
    package var loadProcessorNanoseconds: UInt64
    /// CPU time of the ingest meanwhile; `nil` when nothing was submitted to it, or it did not say.
    package var ingestProcessorNanoseconds: UInt64?

    package init(
        tally: LoadTally,
        elapsedNanoseconds: UInt64,
        ledgerProcessorNanoseconds: UInt64?,
        loadProcessorNanoseconds: UInt64,
        ingestProcessorNanoseconds: UInt64? = nil,
    ) {
        self.tally = tally
        self.elapsedNanoseconds = elapsedNanoseconds
        self.ledgerProcessorNanoseconds = ledgerProcessorNanoseconds
        self.loadProcessorNanoseconds = loadProcessorNanoseconds
        self.ingestProcessorNanoseconds = ingestProcessorNanoseconds
    }

    private var eventsPerSecond: UInt64 {
        let seconds = Double(max(1, self.elapsedNanoseconds)) / 1e9
        return UInt64((Double(self.tally.acknowledgedEventCount) / seconds).rounded())
    }

    private func perEvent(_ nanoseconds: UInt64) -> UInt64 { nanoseconds / max(1, self.tally.acknowledgedEventCount) }

    /// Milliseconds to three digits.
    private func milliseconds(_ fraction: Double) -> Double {
        (Double(self.tally.latencies.percentile(fraction)) / 1e3).rounded() / 1e3
    }

    package var json: String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("events_per_second", self.eventsPerSecond)
            writer.key("p50_ms")
            writer.number(self.milliseconds(0.5))
            writer.key("p99_ms")
            writer.number(self.milliseconds(0.99))
            writer.key("ledger_cpu_ns_per_event")
            if let spent = self.ledgerProcessorNanoseconds {
                writer.integer(self.perEvent(spent))
            } else {
                writer.null()
            }
            if let spent = self.ingestProcessorNanoseconds {
                writer.member("ingest_cpu_ns_per_event", self.perEvent(spent))
            }
            writer.member("errors", self.tally.errorCount)
        }
        return writer.text + "\n"
    }

    var text: String {
        let ingest = self.ingestProcessorNanoseconds.map { "ingest \(self.perEvent($0)) ns, " } ?? ""
        let ledger = self.ledgerProcessorNanoseconds.map { "\(self.perEvent($0)) ns" } ?? "unknown, as its metrics are"
        return """
            \(self.tally.acknowledgedEventCount) events acknowledged, \(self.eventsPerSecond) a second
              latency of a request  p50 \(self.milliseconds(0.5)) ms, p99 \(self.milliseconds(0.99)) ms
              CPU time an event     \(ingest)ledger \(ledger), this load \(self.perEvent(self.loadProcessorNanoseconds)) ns
              failed requests       \(self.tally.errorCount)

            """
    }
}
