package import ServiceKit

/// What a collector counts.
package struct CollectorMetrics: Sendable {
    let accepted: Metrics.Counter
    let rejected: Metrics.Counter
    let setAside: Metrics.Counter
    /// 1 while the spool cannot be opened.
    let spoolFailed: Metrics.Gauge
    private let spooledBatches: Metrics.Gauge
    private let spooledByteCount: Metrics.Gauge

    package init(_ metrics: Metrics) {
        self.accepted = metrics.counter("indelible_ingest_accepted_events_total", "Events that were made safe.")
        self.rejected = metrics.counter("indelible_ingest_rejected_events_total", "Events that were refused for good.")
        self.setAside = metrics.counter(
            "indelible_ingest_set_aside_batches_total",
            "Spooled batches that the ledger refused for good; their bytes are kept in the spool's directory.",
        )
        self.spoolFailed = metrics.gauge("indelible_ingest_spool_failed", "1 while the spool cannot be opened.")
        self.spooledBatches = metrics.gauge("indelible_ingest_spooled_batches", "Batches that wait for the ledger.")
        self.spooledByteCount = metrics.gauge("indelible_ingest_spooled_bytes", "Bytes that wait for the ledger.")
    }

    /// `nil` when all is well, else what is wrong, for people.
    package var problem: String? {
        self.spoolFailed.current == 0 ? nil : "the spool cannot be opened; see the log, and check the disk"
    }

    func spool(batches: UInt64, byteCount: UInt64) {
        self.spooledBatches.set(batches)
        self.spooledByteCount.set(byteCount)
    }
}
