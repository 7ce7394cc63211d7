package import AuditModel

/// The actors of one slot.
///
/// Bounded: when full, the half that was silent for longest is forgotten. That depends on the slot's own events alone, so
/// every analyzer that reads them forgets the same actors at the same event.
package struct ActorTable: Sendable {
    /// Actors of one slot; 256 slots of them take about 200 MB.
    package static let actorCountMax = 1024

    private var actors: [String: ActorState] = [:]

    package var count: Int { self.actors.count }

    package init() {}

    /// An event without an actor is nobody's: it has no history and makes none.
    package mutating func observe(index: UInt64, _ event: AuditEvent, foldedAction: [UInt8]) -> ActorState.Observation {
        guard !event.actor.id.isEmpty else { return ActorState.Observation() }
        if self.actors.count >= Self.actorCountMax, self.actors[event.actor.id] == nil { self.forgetHalf() }
        return self.actors[event.actor.id, default: ActorState()]
            .observe(index: index, event, foldedAction: foldedAction)
    }

    private mutating func forgetHalf() {
        let indices = self.actors.values.map(\.lastIndex).sorted()
        let median = indices[indices.count / 2]
        self.actors = self.actors.filter { $0.value.lastIndex >= median }
    }
}
