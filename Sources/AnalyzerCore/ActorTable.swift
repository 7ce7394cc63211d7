package import AuditModel
internal import Primitives
internal import ProtobufC

/// The actors of one slot.
///
/// Bounded: when full, the half that was silent for longest is forgotten. That depends on the slot's own events alone, so
/// every analyzer that reads them forgets the same actors at the same event.
package struct ActorTable: Sendable {
    /// Actors of one slot; 256 slots of them take about 350 MB.
    package static let actorCountMax = 512

    private var actors: [String: ActorState] = [:]

    package var count: Int { self.actors.count }

    package init() {}

    /// An event without an actor is nobody's: it has no history and makes none.
    package mutating func observe(
        index: UInt64,
        _ event: AuditEvent,
        foldedAction: [UInt8],
        category: ActivityCategory = .other,
        values: RecordValues = RecordValues(),
    ) -> ActorState.Observation {
        guard !event.actor.id.isEmpty else { return ActorState.Observation() }
        if self.actors.count >= Self.actorCountMax, self.actors[event.actor.id] == nil { self.forgetHalf() }
        return self.actors[event.actor.id, default: ActorState()]
            .observe(index: index, event, foldedAction: foldedAction, category: category, values: values)
    }

    private mutating func forgetHalf() {
        let indices = self.actors.values.map(\.lastIndex).sorted()
        let median = indices[indices.count / 2]
        self.actors = self.actors.filter { $0.value.lastIndex >= median }
    }

    /// For each actor, the longest silent first, a message of its id and its state.
    var serializedActors: [[UInt8]] {
        self.actors.sorted { ($0.value.lastIndex, $0.key) < ($1.value.lastIndex, $1.key) }.map { id, state in
            var writer = ProtoWriter()
            writer.text(1, id)
            writer.bytes(2, state.serialized)
            return writer.bytes
        }
    }

    /// Takes in one actor.
    ///
    /// - Returns: `false` when the bytes in `range` are no actor, or there is no room.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when they are no message at all.
    mutating func restore(_ bytes: Span<UInt8>, in range: Range<Int>) throws(IndelibleError) -> Bool {
        var id: String?
        var state: ActorState?
        var fields = ProtoScanner(range)
        while let field = try fields.next(in: bytes) {
            switch (field.number, field.value) {
            case (1, .bytes(let text)): id = String(decoding: text.map { bytes[$0] }, as: UTF8.self)
            case (2, .bytes(let part)): state = try ActorState(bytes, in: part)
            default: return false
            }
        }
        guard let id, let state, self.actors.count < Self.actorCountMax else { return false }
        self.actors[id] = state
        return true
    }
}
