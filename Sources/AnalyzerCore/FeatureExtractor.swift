package import AuditModel

/// Turns events into feature vectors: deterministic, in log order, with a bounded memory of actors.
///
/// The vector of an event depends on the events of its own slot before it and on nothing else, so any number of analyzers
/// that share out the slots computes the same.
package struct FeatureExtractor: Sendable {
    package let schema: FeatureSchema
    private var slots: [UInt8: ActorTable] = [:]
    private var scratch = LiteralScanner.Scratch()

    package init(schema: FeatureSchema) { self.schema = schema }

    /// What was made of one event.
    package struct Extract: Equatable, Sendable {
        package let features: [Int32]
        package let category: ActivityCategory
        /// Index + 1 of the actor's event before this one; 0 when there is none or it is forgotten.
        package let actorPrevious: UInt64
    }

    /// - Precondition: events of a slot come in log order, each once.
    package mutating func extract(index: UInt64, slot: UInt8, _ event: AuditEvent) -> Extract {
        let facts = EventFacts(
            index: index,
            event,
            actors: &self.slots[slot, default: ActorTable()],
            scratch: &self.scratch,
        )
        return Extract(
            features: self.schema.vector(event, facts),
            category: facts.category,
            actorPrevious: facts.actor.previousIndex,
        )
    }

    /// What is remembered of a slot's actors.
    package subscript(slot: UInt8) -> ActorTable {
        get { self.slots[slot] ?? ActorTable() }
        set { self.slots[slot] = newValue }
    }

    /// Forgets a slot that others take over.
    package mutating func remove(_ slot: UInt8) { self.slots[slot] = nil }
}
