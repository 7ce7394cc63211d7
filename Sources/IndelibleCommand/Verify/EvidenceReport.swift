import JSONText
import Primitives
import TransparencyLog
import VerifierCore

/// What a verified proof of a fork says.
struct EvidenceReport {
    let evidence: ForkEvidence
    let log: VerifierKey

    init(_ evidence: ForkEvidence, log: VerifierKey) {
        self.evidence = evidence
        self.log = log
    }

    var text: String {
        let (small, large) = (self.evidence.smaller.checkpoint, self.evidence.larger.checkpoint)
        return """
            Verified: \(small.origin) FORKED. Its key \(self.log) signed two histories.
              one has root \(Base64.encode(small.root.bytes)) at size \(small.size),
              the other has root \(Base64.encode(self.evidence.root.bytes)) there, and grew to \(large.size).

            """
    }

    var json: String {
        let (small, large) = (self.evidence.smaller.checkpoint, self.evidence.larger.checkpoint)
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("verified", true)
            for (key, text) in [
                ("kind", Finding.Kind.forked.rawValue), ("origin", small.origin),
                ("root", Base64.encode(small.root.bytes)), ("other_root", Base64.encode(self.evidence.root.bytes)),
            ] {
                writer.member(key, text)
            }
            for (key, size) in [("size", small.size), ("other_size", large.size)] {
                writer.member(key, size)
            }
        }
        return writer.text + "\n"
    }
}
