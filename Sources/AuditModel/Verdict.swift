internal import CIndelibleProto
package import Primitives
package import ProtobufC

/// What a model or a rule set decided about one event, with all that is needed to decide it again, bit for bit.
package struct Verdict: Equatable, ProtoMessage {
    /// How much one feature moved the margin.
    package struct Contribution: Equatable, ProtoMessage {
        /// Position in the feature schema.
        package var feature: UInt32
        /// IEEE 754 binary32.
        package var valueBits: UInt32

        package init(feature: UInt32, valueBits: UInt32) {
            self.feature = feature
            self.valueBits = valueBits
        }

        package var value: Float { Float(bitPattern: self.valueBits) }

        package static let codec = unsafe ProtoCodec(indelible__v1__contribution__init, Self.init(generated:))

        @unsafe private init(generated: Indelible__V1__Contribution) throws(IndelibleError) {
            unsafe self.init(feature: generated.feature, valueBits: generated.value_bits)
        }

        package func write(to writer: inout ProtoWriter) {
            writer.varint(1, UInt64(self.feature))
            writer.fixed32(2, self.valueBits)
        }
    }

    package var eventIndex: UInt64
    /// Binds the verdict to the entry's bytes.
    package var leafHash: Digest
    /// The feature vector, in the order of the schema.
    package var features: [Int32]
    /// IEEE 754 binary32, one per class: equal bits, equal verdict.
    package var marginBits: [UInt32]
    package var category: String
    /// 0 to 100, for people; severity is decided by the margin.
    package var risk: UInt32
    /// `none`, `low`, `medium`, `high` or `critical`.
    package var severity: String
    /// Index + 1 of the actor's event before this one; 0 when there is none.
    package var actorPrevious: UInt64
    package var contributions: [Contribution]
    /// Of a rule set: the rules that the event made true; then it has no features and no margins.
    package var rules: [RuleHit]

    package init(
        eventIndex: UInt64,
        leafHash: Digest,
        features: [Int32] = [],
        marginBits: [UInt32] = [],
        category: String = "",
        risk: UInt32 = 0,
        severity: String = "",
        actorPrevious: UInt64 = 0,
        contributions: [Contribution] = [],
        rules: [RuleHit] = [],
    ) {
        self.eventIndex = eventIndex
        self.leafHash = leafHash
        self.features = features
        self.marginBits = marginBits
        self.category = category
        self.risk = risk
        self.severity = severity
        self.actorPrevious = actorPrevious
        self.contributions = contributions
        self.rules = rules
    }

    package var margins: [Float] { self.marginBits.map { Float(bitPattern: $0) } }

    /// No fewer than the bytes of ``serialized``, and not many more.
    package var byteCountMax: Int {
        var byteCount = 80 + self.category.utf8.count + self.severity.utf8.count
        byteCount += self.marginBits.count * 4 + self.contributions.count * 13
        for rule in self.rules { byteCount += rule.byteCountMax }
        // A byte holds seven bits of a number, one of them its sign. Wrapping sums of so many are exact.
        var longCount: UInt32 = 0
        for feature in self.features {
            let magnitude = UInt32(bitPattern: feature ^ feature >> 31)
            longCount &+= (magnitude >> 6 == 0 ? 0 : 1) &+ (magnitude >> 13 == 0 ? 0 : 3)
        }
        return byteCount + self.features.count + Int(longCount)
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__verdict__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__Verdict) throws(IndelibleError) {
        unsafe self.init(
            eventIndex: generated.event_index,
            leafHash: try Digest(field: "Verdict.leaf_hash", generated.leaf_hash),
            features: Array(UnsafeBufferPointer(start: generated.features, count: generated.n_features)),
            marginBits: Array(UnsafeBufferPointer(start: generated.margin_bits, count: generated.n_margin_bits)),
            category: String(field: generated.category),
            risk: generated.risk,
            severity: String(field: generated.severity),
            actorPrevious: generated.actor_previous,
            contributions: try Contribution.all(generated.contributions, count: generated.n_contributions),
            rules: try RuleHit.all(generated.rules, count: generated.n_rules),
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.varint(1, self.eventIndex)
        writer.digest(2, self.leafHash)
        writer.packed(3, zigzags: self.features)
        writer.packed(4, fixed32s: self.marginBits)
        writer.text(5, self.category)
        writer.varint(6, UInt64(self.risk))
        writer.text(7, self.severity)
        writer.varint(8, self.actorPrevious)
        writer.messages(9, self.contributions)
        writer.messages(10, self.rules)
    }
}
