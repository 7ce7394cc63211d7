internal import Cryptography
internal import JSONText
package import Primitives

/// Masks texts and events by rules, before anything else sees them.
///
/// A record is masked first and read afterwards, so that no field made of it holds what was masked: ``mask(_:)-(UInt8)``. Events that
/// come ready made are masked as a whole: ``mask(_:)-(AuditEvent)``. Masking what is masked already changes nothing.
package struct Masker: Sendable {
    let table: RuleTable
    let keys: any MaskKeys

    package init(_ rules: MaskRules, keys: any MaskKeys) {
        self.table = RuleTable(rules.rules)
        self.keys = keys
    }

    /// A record or any other text: JSON stays JSON, with string values masked in place and masked numbers as strings.
    ///
    /// - Parameters:
    ///   - bytes: JSON values, or text of any kind, also bytes that are no text.
    ///   - path: how its spans call it.
    /// - Throws: what the keys throw; ``IndelibleError/Code/internal`` when libcrypto fails.
    package func mask(_ bytes: [UInt8], path: String = "raw") throws(IndelibleError) -> MaskedText {
        let masked = try self.masked(bytes, subjects: self.subjects(of: bytes))
        var spans = SpanList()
        spans.record(masked, at: path, isChanged: false)
        return MaskedText(bytes: masked, spans: spans.spans)
    }

    /// A digest of what is masked, such that nobody without the keys can test a guess with it.
    package func blinded(_ digest: Digest) throws(IndelibleError) -> Digest {
        try HMACSHA256.authenticate(Array("indelible/blinded/v1\n".utf8) + digest.bytes, key: self.keys.pseudonymKey)
    }

    func masked(_ bytes: [UInt8], subjects: [String: [UInt8]]) throws(IndelibleError) -> [UInt8] {
        if JSONMasking.looksLikeJSON(bytes) {
            var masking = JSONMasking(self, subjects: subjects)
            if try masking.run(bytes.span) { return masking.output.finish(bytes) }
        }
        var output = MaskOutput(self, subjects: subjects)
        try output.text(bytes.span, 0..<bytes.count, names: [], field: .none)
        return output.finish(bytes)
    }

    /// Values of the fields that encryption asks for, as the record has them before masking.
    func subjects(of bytes: [UInt8]) -> [String: [UInt8]] {
        guard !self.table.subjectFields.isEmpty, let value = try? JSONValue(parsing: bytes, options: .records) else {
            return [:]
        }
        var subjects: [String: [UInt8]] = [:]
        for field in self.table.subjectFields {
            let found = field.split(separator: ".").reduce(Optional(value)) { $0?[String($1)] }
            if let text = found?.scalarText, !text.isEmpty { subjects[field] = Array(text.utf8) }
        }
        return subjects
    }

    func token(_ rule: Int, _ value: [UInt8], subjects: [String: [UInt8]]) throws(IndelibleError) -> String {
        let rule = self.table.rules[rule]
        var subject = MaskToken.canonical(value)
        if case .fields(let fields) = rule.subject, let found = fields.lazy.compactMap({ subjects[$0] }).first {
            subject = found
        }
        return try MaskToken.text(rule, value, subject: subject, keys: self.keys)
    }
}
