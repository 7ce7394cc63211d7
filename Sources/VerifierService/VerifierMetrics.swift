package import ServiceKit
import VerifierCore

/// What a verifier counts.
package struct VerifierMetrics: Sendable {
    package let entries: Metrics.Counter
    package let bytes: Metrics.Counter
    package let verifiedSize: Metrics.Gauge
    package let readSize: Metrics.Gauge
    package let rescannedSize: Metrics.Gauge
    package let rescanTargetSize: Metrics.Gauge
    package let rescannedEntries: Metrics.Counter
    package let rescanFinishedSeconds: Metrics.Gauge
    package let rescanFinishedSize: Metrics.Gauge
    package let rescans: Metrics.Counter
    package let findings: Metrics.Counter
    package let sealsVerified: Metrics.Gauge
    package let sealsOfStrangers: Metrics.Gauge
    package let verdicts: Metrics.Gauge
    package let verdictsBound: Metrics.Gauge
    package let payloads: Metrics.Gauge
    package let payloadsChecked: Metrics.Gauge
    package let payloadsErased: Metrics.Gauge
    package let payloadsWrong: Metrics.Gauge
    package let sourceGaps: Metrics.Gauge
    package let sourceRepeats: Metrics.Gauge
    package let sourceLate: Metrics.Gauge
    package let conditions: Metrics.Gauge
    package let connected: Metrics.Gauge
    package let cosignatures: Metrics.Counter
    package let refusals: Metrics.Counter
    package let peerComparisons: Metrics.Counter
    package let peerFailures: Metrics.Counter
    package let timestamps: Metrics.Counter
    package let timestampFailures: Metrics.Counter
    package let timestampSeconds: Metrics.Gauge
    package let alertsDelivered: Metrics.Counter
    package let alertsFailed: Metrics.Counter
    package let outputsRefusing: Metrics.Gauge
    package let heartbeats: Metrics.Counter
    package let heartbeatFailures: Metrics.Counter

    /// - Parameters:
    ///   - metrics: of this process.
    ///   - log: origin of the log that they are about; `nil` for the only one.
    package init(_ metrics: Metrics, log: String? = nil) {
        let labels: Metrics.Labels = log.map { [("log", $0)] } ?? []
        let name = { (rest: String) in "indelible_verifier_\(rest)" }
        self.entries = metrics.counter(name("entries_total"), "Entries read and hashed.", labels)
        self.bytes = metrics.counter(name("entry_bytes_total"), "Bytes of those entries.", labels)
        self.verifiedSize = metrics.gauge(name("verified_size"), "Size of the largest verified checkpoint.", labels)
        self.readSize = metrics.gauge(name("read_size"), "Entries read, verified or not.", labels)
        self.rescannedSize = metrics.gauge(
            name("rescanned_size"),
            "Entries that the rescan under way has compared.",
            labels,
        )
        self.rescanTargetSize = metrics.gauge(
            name("rescan_target_size"),
            "Entries that the rescan under way compares in all; 0 when none is.",
            labels,
        )
        self.rescannedEntries = metrics.counter(
            name("rescanned_entries_total"),
            "Entries that were read again.",
            labels,
        )
        self.rescanFinishedSeconds = metrics.gauge(
            name("rescan_finished_timestamp_seconds"),
            "When the whole log was last read again; before that, when the verifier first started.",
            labels,
        )
        self.rescanFinishedSize = metrics.gauge(
            name("rescan_finished_size"),
            "Entries that were read again then.",
            labels,
        )
        self.rescans = metrics.counter(name("rescans_total"), "Readings of the whole log that ended well.", labels)
        self.findings = metrics.counter(name("findings_total"), "Things that were not as they must be.", labels)
        self.sealsVerified = metrics.gauge(
            name("seals_verified"),
            "Seals by known collectors, since the start.",
            labels,
        )
        self.sealsOfStrangers = metrics.gauge(
            name("seals_of_strangers"),
            "Seals by collectors without a known key.",
            labels,
        )
        self.verdicts = metrics.gauge(name("verdicts"), "Verdicts read.", labels)
        self.verdictsBound = metrics.gauge(
            name("verdicts_bound"),
            "Verdicts whose leaf hash is that of the entry which they name.",
            labels,
        )
        self.payloads = metrics.gauge(name("payloads"), "Payloads beside the log that entries name.", labels)
        self.payloadsChecked = metrics.gauge(
            name("payloads_checked"),
            "Payloads that this pass over them found as their entries commit to.",
            labels,
        )
        self.payloadsErased = metrics.gauge(
            name("payloads_erased"),
            "Payloads that are gone and of which the log says so, in this pass.",
            labels,
        )
        self.payloadsWrong = metrics.gauge(
            name("payloads_wrong"),
            "Payloads that are altered or missing, in this pass.",
            labels,
        )
        self.connected = metrics.gauge(name("connected"), "1 while entries are read from the ledger.", labels)
        self.cosignatures = metrics.counter(name("cosignatures_total"), "Checkpoints cosigned.", labels)
        self.peerComparisons = metrics.counter(
            name("peer_comparisons_total"),
            "Times that another verifier's view was compared with this one.",
            labels,
        )
        self.peerFailures = metrics.counter(
            name("peer_failures_total"),
            "Times that a peer could not be asked.",
            labels,
        )
        self.timestamps = metrics.counter(name("timestamps_total"), "Checkpoints that an authority stamped.", labels)
        self.timestampFailures = metrics.counter(
            name("timestamp_failures_total"),
            "Times that the authority gave no stamp that holds.",
            labels,
        )
        self.timestampSeconds = metrics.gauge(
            name("timestamp_seconds"),
            "The newest stamp's time, since the Unix epoch.",
            labels,
        )
        self.alertsDelivered = metrics.counter(
            name("alerts_delivered_total"),
            "Findings that an output has taken.",
            labels,
        )
        self.alertsFailed = metrics.counter(
            name("alert_failures_total"),
            "Attempts to deliver a finding that failed; they are repeated.",
            labels,
        )
        self.outputsRefusing = metrics.gauge(
            name("alert_outputs_refusing"),
            "Outputs of alerts that do not take a finding now.",
            labels,
        )
        self.heartbeats = metrics.counter(name("heartbeats_total"), "Heartbeats that an output has taken.", labels)
        self.heartbeatFailures = metrics.counter(
            name("heartbeat_failures_total"),
            "Heartbeats that an output has not taken.",
            labels,
        )
        self.sourceGaps = metrics.gauge(
            name("source_gaps"),
            "Runs of sources' numbers that never came, since the start.",
            labels,
        )
        self.sourceRepeats = metrics.gauge(
            name("source_repeats"),
            "Sources' numbers that came more than once, since the start.",
            labels,
        )
        self.sourceLate = metrics.gauge(
            name("source_late"),
            "Sources' numbers that came after a higher one, since the start.",
            labels,
        )
        self.conditions = metrics.gauge(
            name("conditions"),
            "What is out of order now and may pass: silence, checkpoint-stale, clock, unreachable.",
            labels,
        )
        self.refusals = metrics.counter(
            name("refusals_total"),
            "Requests for a cosignature that were refused.",
            labels,
        )
    }
}

extension VerifierMetrics {
    /// What entries said, so far.
    func show(_ checker: EntryChecker) {
        self.sealsVerified.set(checker.seals.verifiedCount)
        self.sealsOfStrangers.set(checker.seals.strangerCount)
        self.verdicts.set(checker.verdicts.seenCount)
        self.verdictsBound.set(checker.verdicts.boundCount)
        self.sourceGaps.set(checker.sources.gapCount)
        self.sourceRepeats.set(checker.sources.repeatCount)
        self.sourceLate.set(checker.sources.lateCount)
    }

    /// How far the check of payloads is.
    func show(_ payloads: PayloadList) {
        self.payloads.set(payloads.count)
        self.payloadsChecked.set(payloads.pass.soundCount)
        self.payloadsErased.set(payloads.pass.erasedCount)
        self.payloadsWrong.set(payloads.pass.wrongCount)
    }
}
