import ServiceKit

/// What an analyzer counts.
package struct AnalyzerMetrics: Sendable {
    let connected: Metrics.Gauge
    let held: Metrics.Gauge
    let scored: Metrics.Counter
    let remembered: Metrics.Counter
    let unreadable: Metrics.Counter
    let hits: Metrics.Counter
    let appended: Metrics.Counter
    let restarts: Metrics.Counter
    let kept: Metrics.Counter
    let refusedRecords: Metrics.Counter
    let deliveredAlerts: Metrics.Counter
    let failedAlerts: Metrics.Counter
    let lostAlerts: Metrics.Counter
    let mutedAlerts: Metrics.Counter
    let appendTime: Metrics.Histogram
    let verdictTime: Metrics.Histogram
    private let next: Metrics.Gauge
    private let lag: Metrics.Gauge
    private let slots: [Slot]

    /// Of one slot.
    private struct Slot: Sendable {
        let epoch: Metrics.Gauge
        let lag: Metrics.Gauge
        let scored: Metrics.Counter
    }

    init(_ metrics: Metrics) {
        self.connected = metrics.gauge("indelible_analyzer_connected", "1 while there is a connection to the ledger.")
        self.held = metrics.gauge("indelible_analyzer_held_slots", "Slots of actors that are this analyzer's now.")
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
        self.hits = metrics.counter("indelible_analyzer_rule_hits_total", "Events that made a rule true.")
        self.appended = metrics.counter(
            "indelible_analyzer_appended_entries_total",
            "Entries of verdicts that the ledger has taken.",
        )
        self.restarts = metrics.counter(
            "indelible_analyzer_restarts_total",
            "Times that all slots were given up because somebody else had one of them.",
        )
        self.kept = metrics.counter(
            "indelible_analyzer_kept_memories_total",
            "Memories of a slot's actors that the ledger has taken.",
        )
        self.refusedRecords = metrics.counter(
            "indelible_analyzer_refused_model_records_total",
            "Records of models without the operator's signature.",
        )
        self.deliveredAlerts = metrics.counter(
            "indelible_analyzer_alerts_total",
            "Messages about verdicts that an output has taken.",
        )
        self.failedAlerts = metrics.counter(
            "indelible_analyzer_alert_failures_total",
            "Attempts to deliver a message that failed.",
        )
        self.lostAlerts = metrics.counter(
            "indelible_analyzer_lost_alerts_total",
            "Messages that an output did not take in any attempt.",
        )
        self.mutedAlerts = metrics.counter("indelible_analyzer_muted_alerts_total", "Verdicts that a mute kept back.")
        self.appendTime = metrics.histogram(
            "indelible_analyzer_append_seconds",
            "From sending a batch of verdicts to the ledger's answer.",
        )
        self.verdictTime = metrics.histogram(
            "indelible_analyzer_verdict_seconds",
            "From taking in an event, by its collector's clock, to its verdict in the log: the oldest event of each append.",
        )
        self.slots = (0...UInt8.max).map { slot in
            let labels = [(name: "slot", value: "\(slot)")]
            return Slot(
                epoch: metrics.gauge(
                    "indelible_analyzer_slot_epoch",
                    "The epoch of a slot's lease, 0 while the slot is somebody else's.",
                    labels,
                ),
                lag: metrics.gauge(
                    "indelible_analyzer_slot_lag_entries",
                    "Entries in the log that have not been looked at for a slot.",
                    labels,
                ),
                scored: metrics.counter(
                    "indelible_analyzer_slot_events_total",
                    "Events of a slot that were looked at.",
                    labels,
                ),
            )
        }
    }

    /// An event of a slot was looked at.
    func scored(_ slot: UInt8) { self.slots[Int(slot)].scored.add() }

    /// These slots are ours, under these epochs.
    func leases(_ leases: [UInt8: UInt64]) {
        self.held.set(leases.count)
        for (slot, metrics) in self.slots.enumerated() {
            let epoch = leases[UInt8(slot)]
            metrics.epoch.set(epoch ?? 0)
            if epoch == nil { metrics.lag.set(0) }
        }
    }

    /// All entries before `next` have been looked at, and their verdicts are in the log.
    func looked(at next: UInt64, of durableSize: UInt64) {
        self.next.set(next)
        let lag = durableSize - min(next, durableSize)
        self.lag.set(lag)
        for slot in self.slots where slot.epoch.current != 0 { slot.lag.set(lag) }
    }
}
