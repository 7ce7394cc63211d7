internal import CIndelibleProto
package import Primitives
package import ProtobufC

/// A rule that an event made true.
package struct RuleHit: Equatable, ProtoMessage {
    /// SHA-256 of the rule's text, which a ``RuleRecord`` holds.
    package var ruleHash: Digest
    package var id: String
    package var title: String
    /// `informational`, `low`, `medium`, `high` or `critical`.
    package var level: String
    /// Such as `attack.t1562.008`.
    package var tags: [String]
    /// Of a correlation, the indices of the events that made it; empty for any other rule.
    package var events: [UInt64]

    package init(
        ruleHash: Digest,
        id: String,
        title: String,
        level: String,
        tags: [String] = [],
        events: [UInt64] = [],
    ) {
        self.ruleHash = ruleHash
        self.id = id
        self.title = title
        self.level = level
        self.tags = tags
        self.events = events
    }

    /// No fewer than the bytes of ``serialized`` with its tag and length, and not many more.
    package var byteCountMax: Int {
        let tags = self.tags.reduce(0) { $0 + $1.utf8.count + 4 }
        return 56 + self.id.utf8.count + self.title.utf8.count + self.level.utf8.count + tags + self.events.count * 10
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__rule_hit__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__RuleHit) throws(IndelibleError) {
        unsafe self.init(
            ruleHash: try Digest(field: "RuleHit.rule_hash", generated.rule_hash),
            id: String(field: generated.id),
            title: String(field: generated.title),
            level: String(field: generated.level),
            tags: [String](field: generated.tags, count: generated.n_tags),
            events: Array(UnsafeBufferPointer(start: generated.events, count: generated.n_events)),
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.digest(1, self.ruleHash)
        writer.text(2, self.id)
        writer.text(3, self.title)
        writer.text(4, self.level)
        writer.texts(5, self.tags)
        writer.packed(6, varints: self.events)
    }
}
