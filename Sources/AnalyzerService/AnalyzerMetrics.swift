import ServiceKit

/// What an analyzer counts.
package struct AnalyzerMetrics: Sendable {
    let connected: Metrics.Gauge
    let next: Metrics.Gauge
    let lag: Metrics.Gauge
    let scored: Metrics.Counter
    let remembered: Metrics.Counter
    let unreadable: Metrics.Counter
    let appended: Metrics.Counter
    let restarts: Metrics.Counter
    let appendTime: Metrics.Histogram

    init(_ metrics: Metrics) {
        self.connected = metrics.gauge("indelible_analyzer_connected", "1 while there is a connection to the ledger.")
        self.next = metrics.gauge("indelible_analyzer_next_index", "Entries below this index have been looked at.")
        self.lag = metrics.gauge("indelible_analyzer_lag_entries", "Entries in the log that have not been looked at.")
        self.scored = metrics.counter("indelible_analyzer_scored_events_total", "Events given a verdict.")
        self.remembered = metrics.counter(
            "indelible_analyzer_remembered_events_total",
            "Events with a verdict that were read again to remember their actors.",
        )
        self.unreadable = metrics.counter(
            "indelible_analyzer_unreadable_events_total",
            "Events whose bytes could not be read.",
        )
        self.appended = metrics.counter(
            "indelible_analyzer_appended_entries_total",
            "Entries of verdicts that the ledger has taken.",
        )
        self.restarts = metrics.counter(
            "indelible_analyzer_restarts_total",
            "Times that the memory of actors was made again from the start of the log.",
        )
        self.appendTime = metrics.histogram(
            "indelible_analyzer_append_seconds",
            "From sending a batch of verdicts to the ledger's answer.",
        )
    }
}
