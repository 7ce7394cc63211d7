package import ServiceKit

/// What a verifier counts.
package struct VerifierMetrics: Sendable {
    package let entries: Metrics.Counter
    package let bytes: Metrics.Counter
    package let verifiedSize: Metrics.Gauge
    package let readSize: Metrics.Gauge
    package let rescannedSize: Metrics.Gauge
    package let rescans: Metrics.Counter
    package let findings: Metrics.Counter
    package let sealsVerified: Metrics.Gauge
    package let sealsOfStrangers: Metrics.Gauge
    package let connected: Metrics.Gauge
    package let cosignatures: Metrics.Counter
    package let refusals: Metrics.Counter
    package let alertsDelivered: Metrics.Counter
    package let alertsFailed: Metrics.Counter

    package init(_ metrics: Metrics) {
        let name = { (rest: String) in "indelible_verifier_\(rest)" }
        self.entries = metrics.counter(name("entries_total"), "Entries read and hashed.")
        self.bytes = metrics.counter(name("entry_bytes_total"), "Bytes of those entries.")
        self.verifiedSize = metrics.gauge(name("verified_size"), "Size of the largest verified checkpoint.")
        self.readSize = metrics.gauge(name("read_size"), "Entries read, verified or not.")
        self.rescannedSize = metrics.gauge(name("rescanned_size"), "Entries that the rescan under way has compared.")
        self.rescans = metrics.counter(name("rescans_total"), "Readings of the whole log that ended well.")
        self.findings = metrics.counter(name("findings_total"), "Things that were not as they must be.")
        self.sealsVerified = metrics.gauge(name("seals_verified"), "Seals by known collectors, since the start.")
        self.sealsOfStrangers = metrics.gauge(name("seals_of_strangers"), "Seals by collectors without a known key.")
        self.connected = metrics.gauge(name("connected"), "1 while entries are read from the ledger.")
        self.cosignatures = metrics.counter(name("cosignatures_total"), "Checkpoints cosigned.")
        self.alertsDelivered = metrics.counter(name("alerts_delivered_total"), "Findings that an output has taken.")
        self.alertsFailed = metrics.counter(
            name("alert_failures_total"),
            "Attempts to deliver a finding that failed; they are repeated.",
        )
        self.refusals = metrics.counter(name("refusals_total"), "Requests for a cosignature that were refused.")
    }
}
