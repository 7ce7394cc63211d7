package import Primitives
internal import ProtobufC
package import SigmaRules

/// What an analyzer must know to go on with a slot where another one stopped: a function of the log before an index.
///
/// The ledger keeps it without reading it. A version or schema that this analyzer does not know counts as none: then the
/// slot's events are read again from the start.
package struct SlotMemory: Sendable {
    private static let version: UInt64 = 1

    /// What the correlations of a rule set remember.
    package struct Rules: Sendable, Equatable {
        package let set: Digest
        package var state: RuleState

        package init(set: Digest, state: RuleState) {
            self.set = set
            self.state = state
        }
    }

    /// Everything before this index is in it.
    package var index: UInt64
    package var actors: ActorTable
    package var timeline: ModelTimeline
    /// `nil` when it was kept by an analyzer without rules.
    package var rules: Rules?

    package init(
        index: UInt64 = 0,
        actors: ActorTable = ActorTable(),
        timeline: ModelTimeline = ModelTimeline(),
        rules: Rules? = nil,
    ) {
        self.index = index
        self.actors = actors
        self.timeline = timeline
        self.rules = rules
    }

    /// What states of a schema are called at the ledger.
    package static func name(_ schema: FeatureSchema) -> String { "actors-\(schema.hash.hex.prefix(16))" }

    package func serialized(_ schema: FeatureSchema) -> [UInt8] {
        var writer = ProtoWriter()
        writer.varint(1, Self.version)
        writer.bytes(2, schema.hash.bytes)
        writer.varint(3, self.index)
        for change in self.timeline.changes { writer.always(4, change.serialized) }
        for actor in self.actors.serializedActors { writer.always(5, actor) }
        if let rules = self.rules {
            writer.bytes(7, rules.set.bytes)
            writer.always(8, rules.state.serialized)
        }
        // Last, so that nothing can be missing.
        writer.varint(6, 1 + UInt64(self.actors.count + self.timeline.changes.count))
        return writer.bytes
    }

    /// - Returns: `nil` when the bytes are of another version or schema, or damaged.
    package init?(_ bytes: [UInt8], schema: FeatureSchema) {
        self.init()
        do throws(IndelibleError) {
            guard try self.read(bytes.span, schema) else { return nil }
        } catch {
            return nil
        }
    }

    private mutating func read(_ bytes: Span<UInt8>, _ schema: FeatureSchema) throws(IndelibleError) -> Bool {
        var isKnown = (version: false, schema: false, end: false)
        var set: Digest?
        var fields = ProtoScanner(0..<bytes.count)
        while let field = try fields.next(in: bytes) {
            switch (field.number, field.value) {
            case (1, .varint(let version)): isKnown.version = version == Self.version
            case (2, .bytes(let hash)): isKnown.schema = hash.map { bytes[$0] } == schema.hash.bytes
            case (3, .varint(let index)): self.index = index
            case (4, .bytes(let part)):
                guard let change = try ModelTimeline.Change(bytes, in: part) else { return false }
                self.timeline.note(change)
            case (5, .bytes(let part)):
                guard try self.actors.restore(bytes, in: part) else { return false }
            case (6, .varint(let count)):
                isKnown.end = count == 1 + UInt64(self.actors.count + self.timeline.changes.count)
            case (7, .bytes(let hash)): set = Digest(hash.map { bytes[$0] })
            case (8, .bytes(let part)):
                guard let set, let state = RuleState(part.map { bytes[$0] }) else { return false }
                self.rules = Rules(set: set, state: state)
            default: return false
            }
        }
        return isKnown.version && isKnown.schema && isKnown.end
    }
}
