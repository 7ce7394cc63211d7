import JSONText

/// How much of the log was read again, and how long ago: by each verifier, and by the ledger of its own files.
struct CoverageReport {
    struct Verifier {
        let process: String
        /// `nil` when it does not answer.
        let metrics: MetricsText?

        /// A metric of the verifier; 0 when it has none of that name.
        fileprivate func value(_ name: String) -> UInt64 { self.metrics?.integer("indelible_verifier_" + name) ?? 0 }
    }

    let verifiers: [Verifier]
    /// Of the ledger; `nil` when it does not answer.
    let ledger: MetricsText?
    /// Seconds since the Unix epoch.
    let now: UInt64

    /// JSON's name for a figure, and the metric that it is.
    private static let figures = [
        ("verified_size", "verified_size"), ("reread_size", "rescan_finished_size"),
        ("rescan_next", "rescanned_size"), ("rescan_target", "rescan_target_size"), ("findings", "findings_total"),
        ("verdicts", "verdicts"), ("verdicts_bound", "verdicts_bound"), ("payloads", "payloads"),
        ("payloads_checked", "payloads_checked"), ("payloads_erased", "payloads_erased"),
        ("payloads_wrong", "payloads_wrong"), ("conditions", "conditions"), ("alert_failures", "alert_failures_total"),
        ("alert_outputs_refusing", "alert_outputs_refusing"),
    ]

    func write(to writer: inout JSONWriter) {
        writer.key("verifiers")
        writer.array { writer in
            for verifier in self.verifiers {
                writer.object { writer in
                    writer.member("process", verifier.process)
                    writer.member("reachable", verifier.metrics != nil)
                    for (name, metric) in Self.figures { writer.member(name, verifier.value(metric)) }
                    writer.member("reread_age_s", self.age(verifier.value("rescan_finished_timestamp_seconds")))
                }
            }
        }
        guard let ledger else { return }
        writer.member("scrub") { writer in
            for (name, metric) in [
                ("segments", "scrub_finished_segments"), ("next", "scrubbed_segments"),
                ("target", "scrub_target_segments"), ("findings", "scrub_findings_total"),
            ] {
                writer.member(name, ledger.integer("indelible_ledger_" + metric) ?? 0)
            }
            writer.member("age_s", self.age(self.scrubbed(ledger)))
        }
    }

    var text: String {
        var text = ""
        for verifier in self.verifiers {
            guard verifier.metrics != nil else {
                text += "  \(verifier.process): does not answer\n"
                continue
            }
            text += "  \(verifier.process): verified \(verifier.value("verified_size")), \(self.reread(verifier))"
            text += self.beside(verifier)
            for (metric, words) in [
                ("findings_total", "findings"), ("conditions", "out of order now"),
                ("alert_outputs_refusing", "outputs refuse alerts"),
            ] {
                let count = verifier.value(metric)
                if count > 0 { text += ", \(count) \(words)" }
            }
            text += "\n"
        }
        if let ledger, let segments = ledger.integer("indelible_ledger_scrub_finished_segments") {
            let findings = ledger.integer("indelible_ledger_scrub_findings_total") ?? 0
            let when = segments > 0 ? "\(segments) segments \(self.age(self.scrubbed(ledger))) s ago" : "not yet"
            text += "  ledger's files read again: \(when), \(findings) findings\n"
        }
        return text
    }

    private func reread(_ verifier: Verifier) -> String {
        let target = verifier.value("rescan_target_size")
        let under = target > 0 ? ", now at \(verifier.value("rescanned_size")) of \(target)" : ""
        let size = verifier.value("rescan_finished_size")
        guard size > 0 else { return "not read again yet\(under)" }
        return "read again \(size) \(self.age(verifier.value("rescan_finished_timestamp_seconds"))) s ago\(under)"
    }

    /// What was checked besides the entries' hashes.
    private func beside(_ verifier: Verifier) -> String {
        var text = ""
        let verdicts = verifier.value("verdicts")
        if verdicts > 0 { text += ", \(verifier.value("verdicts_bound")) of \(verdicts) verdicts bound" }
        let payloads = verifier.value("payloads")
        if payloads > 0 {
            text += ", \(verifier.value("payloads_checked")) of \(payloads) payloads sound"
            let erased = verifier.value("payloads_erased")
            if erased > 0 { text += " and \(erased) erased" }
        }
        return text
    }

    private func scrubbed(_ ledger: MetricsText) -> UInt64 {
        ledger.integer("indelible_ledger_scrub_finished_timestamp_seconds") ?? 0
    }

    private func age(_ seconds: UInt64) -> UInt64 { self.now - min(self.now, seconds) }
}
