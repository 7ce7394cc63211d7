import Masking
import Primitives

/// Keys that are the same every time: a subject's key is its name, filled up.
struct TestKeys: MaskKeys {
    let pseudonymKey = [UInt8](repeating: 7, count: 32)

    func key(of subject: [UInt8]) throws(IndelibleError) -> SubjectKey {
        let filled = Array((subject + [UInt8](repeating: 0, count: 32)).prefix(32))
        return SubjectKey(id: Array(filled.prefix(SubjectKey.idByteCount)), bytes: filled)
    }
}

/// A masker with the default rules, or with those of a text.
func masker(_ rules: String? = nil) throws -> Masker {
    try Masker(
        rules.map { try MaskRules(parsing: Array($0.utf8), what: "rules") } ?? .standard(),
        keys: TestKeys(),
    )
}

/// A masker that redacts every type, each under its own name.
func typeMasker() throws -> Masker {
    let rules = SensitiveType.allCases.map {
        #"{"name":"\#($0.rawValue)","content":"\#($0.rawValue)","action":"redact"}"#
    }
    return try masker(#"{"version":1,"rules":[\#(rules.joined(separator: ","))]}"#)
}

extension Masker {
    func mask(_ text: String) throws -> String {
        String(decoding: try self.mask(Array(text.utf8)).bytes, as: UTF8.self)
    }
}
