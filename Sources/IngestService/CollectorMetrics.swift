package import ServiceKit

/// What a collector counts.
package struct CollectorMetrics: Sendable {
    let accepted: Metrics.Counter
    let rejected: Metrics.Counter
    let refusedBatches: Metrics.Counter
    private let keptBatches: Metrics.Gauge
    private let spooledBatches: Metrics.Gauge
    private let spooledByteCount: Metrics.Gauge

    package init(_ metrics: Metrics) {
        self.accepted = metrics.counter("indelible_ingest_accepted_events_total", "Events that were made safe.")
        self.rejected = metrics.counter("indelible_ingest_rejected_events_total", "Events that were refused for good.")
        self.refusedBatches = metrics.counter(
            "indelible_ingest_refused_batches_total",
            "Acknowledged batches that the ledger refused for good and that were set aside.",
        )
        self.keptBatches = metrics.gauge(
            "indelible_ingest_set_aside_batches",
            "Batches in the folder of those that the ledger refused for good.",
        )
        self.spooledBatches = metrics.gauge("indelible_ingest_spooled_batches", "Batches that wait for the ledger.")
        self.spooledByteCount = metrics.gauge("indelible_ingest_spooled_bytes", "Bytes that wait for the ledger.")
    }

    func setAside(batches: Int) { self.keptBatches.set(batches) }

    func spool(batches: UInt64, byteCount: UInt64) {
        self.spooledBatches.set(batches)
        self.spooledByteCount.set(byteCount)
    }
}
