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

    init(_ verdict: TrustPolicy.Verdict, index: UInt64? = nil) {
        self.origin = verdict.checkpoint.origin
        self.size = verdict.checkpoint.size
        self.root = verdict.checkpoint.root
        self.index = index
        self.cosignatureCount = verdict.cosignatures.count
    }

    var text: String {
        let what = self.index.map { "Entry \($0) is" } ?? "All \(self.size) entries are"
        return "Verified. \(what) in \(self.origin) at size \(self.size), root \(Base64.encode(self.root.bytes)), "
            + "\(self.cosignatureCount) trusted cosignatures.\n"
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
            for (key, text) in [("path", self.path), ("expected", self.expected), ("found", self.found)] {
                writer.key(key)
                if let text { writer.string(text) } else { writer.null() }
            }
        }
    }
}
