package import AuditModel
package import Primitives
package import SigmaRules

/// What a log says of rule sets: which were used from which entry on, and what their rules say.
///
/// A set is announced by a RuleRecord for each of its rules, records that list their hashes, and a last one that says that it
/// is used. It counts from the entry after the first such record.
package struct RuleHistory: Sendable {
    package enum Action: String, Sendable {
        /// A rule, with its text.
        case announced
        /// Some rules of a set: their hashes, one a line.
        case listed
        /// A set, whose rules are all in the log.
        case used
    }

    /// Hashes of one record.
    private static let listedCountMax = 500
    /// Rules, and bytes of their texts, that are remembered.
    private static let ruleCountMax = 65_536
    private static let textByteCountMax = 256 << 20

    private var texts: [Digest: [UInt8]] = [:]
    private var textByteCount = 0
    private var members: [Digest: [Digest]] = [:]
    private var starts: [Digest: UInt64] = [:]

    package init() {}

    /// Takes in a record of the log.
    package mutating func note(_ record: RuleRecord, at index: UInt64) {
        switch Action(rawValue: record.action) {
        case .announced:
            let text = Array(record.text.utf8)
            guard self.texts.count < Self.ruleCountMax, self.textByteCount + text.count <= Self.textByteCountMax,
                self.texts.updateValue(text, forKey: record.ruleHash) == nil
            else { return }
            self.textByteCount += text.count
        case .listed:
            guard self.starts[record.ruleHash] == nil else { return }
            let hashes = record.text.split(separator: "\n").compactMap { Hex.decode(String($0)).flatMap { Digest($0) } }
            guard self.members[record.ruleHash, default: []].count + hashes.count <= Self.ruleCountMax else { return }
            self.members[record.ruleHash, default: []] += hashes
        case .used:
            if self.starts[record.ruleHash] == nil { self.starts[record.ruleHash] = index + 1 }
        case nil: return
        }
    }

    /// The first entry that a set counts for; `nil` when the log does not say that it is used.
    package func start(of set: Digest) -> UInt64? { self.starts[set] }

    /// A set, compiled from the texts in the log.
    ///
    /// - Throws: ``IndelibleError/Code/dataLoss`` when the log does not hold it, or other texts than its hash says.
    package func set(_ hash: Digest) throws(IndelibleError) -> RuleSet {
        var files: [RuleSet.File] = []
        // Two analyzers may have announced it at the same time.
        for member in Set(self.members[hash] ?? []) {
            guard let text = self.texts[member] else {
                throw IndelibleError(
                    .dataLoss,
                    "The log has no text of rule \(member.hex), which rule set \(hash.hex) has.",
                )
            }
            files.append(RuleSet.File(name: member.hex, bytes: text))
        }
        let set = try RuleSet.compile(files, sources: RuleSource.all).set
        guard set.hash == hash else {
            throw IndelibleError(
                .dataLoss,
                "The rules in the log do not make the rule set \(hash.hex). Use the version of Indelible that used it.",
            )
        }
        return set
    }

    /// The records that announce a set, in the order in which they must stand in the log.
    package static func announcement(of set: RuleSet) -> [RuleRecord] {
        var records = set.rules.map { rule in
            RuleRecord(
                ruleHash: rule.hash,
                name: rule.title,
                action: Action.announced.rawValue,
                text: String(decoding: rule.text, as: UTF8.self),
            )
        }
        let hashes = set.rules.map(\.hash.hex)
        for start in stride(from: 0, to: hashes.count, by: Self.listedCountMax) {
            let some = hashes[start..<min(start + Self.listedCountMax, hashes.count)]
            records.append(
                RuleRecord(ruleHash: set.hash, action: Action.listed.rawValue, text: some.joined(separator: "\n"))
            )
        }
        records.append(RuleRecord(ruleHash: set.hash, name: "\(hashes.count) rules", action: Action.used.rawValue))
        return records
    }
}
