import AuditModel
import JSONText
import Primitives
import TransparencyLog
import VerifierCore

/// What was verified.
struct VerifyReport {
    let origin: String
    let size: UInt64
    let root: Digest
    let index: UInt64?
    let cosignatureCount: Int
    /// Seconds since the Unix epoch by which the checkpoint was there: the earliest cosignature's and the stamp's.
    let cosignedSeconds: UInt64?
    let stampedSeconds: UInt64?
    /// What the entries said; `nil` for the proof of one.
    let coverage: EntryAudit.Coverage?

    init(
        _ verdict: TrustPolicy.Verdict,
        index: UInt64? = nil,
        stampedSeconds: UInt64? = nil,
        coverage: EntryAudit.Coverage? = nil,
    ) {
        self.origin = verdict.checkpoint.origin
        self.size = verdict.checkpoint.size
        self.root = verdict.checkpoint.root
        self.index = index
        self.cosignatureCount = verdict.cosignatures.count
        self.cosignedSeconds = verdict.cosignatures.compactMap(\.timestamp).min()
        self.stampedSeconds = stampedSeconds
        self.coverage = coverage
    }

    var text: String {
        let what = self.index.map { "Entry \($0) is" } ?? "All \(self.size) entries are"
        var when =
            self.cosignedSeconds.map { " A witness saw it at \(TimeText.rfc3339(nanoseconds: $0 * 1_000_000_000))." }
            ?? ""
        if let stampedSeconds {
            when += " An authority stamped it at \(TimeText.rfc3339(nanoseconds: stampedSeconds * 1_000_000_000))."
        }
        return "Verified. \(what) in \(self.origin) at size \(self.size), root \(Base64.encode(self.root.bytes)), "
            + "\(self.cosignatureCount) trusted cosignatures.\(when)\(self.said)\n"
    }

    /// What the entries said, in words; nothing when none said anything of that.
    private var said: String {
        guard let coverage else { return "" }
        var text = ""
        if coverage.sealCount > 0 {
            text += " \(coverage.sealCount) seals hold"
            text += coverage.strangerCount > 0 ? ", \(coverage.strangerCount) of them by keys not given." : "."
        }
        if coverage.verdictCount > 0 {
            text += " \(coverage.boundVerdictCount) of \(coverage.verdictCount) verdicts are bound to their entries."
        }
        return text
    }

    var json: String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("verified", true)
            writer.member("origin", self.origin)
            writer.member("size", self.size)
            writer.member("root", Base64.encode(self.root.bytes))
            writer.key("index")
            if let index = self.index { writer.integer(index) } else { writer.null() }
            writer.member("cosignatures", self.cosignatureCount)
            for (key, seconds) in [("witnessed_at", self.cosignedSeconds), ("stamped_at", self.stampedSeconds)] {
                writer.key(key)
                if let seconds { writer.integer(seconds) } else { writer.null() }
            }
            guard let coverage = self.coverage else { return }
            for (key, count) in [
                ("seals", coverage.sealCount), ("seals_by_unknown_keys", coverage.strangerCount),
                ("verdicts", coverage.verdictCount), ("verdicts_bound", coverage.boundVerdictCount),
            ] {
                writer.member(key, count)
            }
        }
        return writer.text + "\n"
    }
}

extension Finding {
    var text: String {
        var text = "NOT verified: \(self.kind.rawValue)"
        if let index = self.index { text += ", first wrong entry \(index)" }
        if let path = self.path { text += ", \(path)" }
        if let expected = self.expected { text += "\n  expected \(expected)" }
        if let found = self.found { text += "\n  found    \(found)" }
        text += "\n  \(self.kind.remedy)"
        return text
    }

    var json: String {
        var writer = JSONWriter()
        self.write(to: &writer)
        return writer.text
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("kind", self.kind.rawValue)
            writer.key("index")
            if let index = self.index { writer.integer(index) } else { writer.null() }
            for (key, text) in [
                ("path", self.path), ("expected", self.expected), ("found", self.found), ("remedy", self.kind.remedy),
            ] {
                writer.key(key)
                if let text { writer.string(text) } else { writer.null() }
            }
        }
    }
}
