import AnalyzerCore
import AuditModel
import Primitives
import ProtobufC
import ServiceProtocol
import Transport
import Wire

/// What an analyzer asks of the ledger, over one connection.
struct AnalyzerCalls: Sendable {
    private static let deadline = Duration.seconds(30)
    /// Calls under way at once while many slots are asked for.
    private static let callsMax = 64

    let client: RPCClient
    let origin: String

    func hold(_ member: String, _ held: SlotSet, isLeaving: Bool = false) async throws -> HoldSlotsResponse {
        let request = HoldSlotsRequest(member: member, held: held, isLeaving: isLeaving)
        return try HoldSlotsResponse(serialized: try await self.call(LedgerMethods.holdSlots, request.serialized))
    }

    /// - Parameter request: a whole AppendRequest.
    func append(_ request: [UInt8]) async throws { _ = try await self.call(LedgerMethods.append, request) }

    func put(_ memory: SlotMemory, slot: UInt8, epoch: UInt64, _ schema: FeatureSchema) async throws {
        let state = memory.serialized(schema)
        // What the ledger does not keep is read again from the log.
        guard state.count <= ProtocolLimits.stateByteCountMax else { return }
        let request = PutSlotStateRequest(
            name: SlotMemory.name(schema),
            slot: slot,
            epoch: epoch,
            index: memory.index,
            state: state,
        )
        _ = try await self.call(LedgerMethods.putSlotState, request.serialized)
    }

    /// The slots' memories; empty ones where the ledger has none.
    func memories(_ slots: [UInt8], _ schema: FeatureSchema) async throws -> [UInt8: SlotMemory] {
        let found = try await Self.each(slots) { slot in
            let request = GetSlotStateRequest(name: SlotMemory.name(schema), slot: slot)
            let answer = try await self.call(LedgerMethods.getSlotState, request.serialized)
            let state = try SlotState(serialized: answer)
            return (slot, state.known ? SlotMemory(state.state, schema: schema) ?? SlotMemory() : SlotMemory())
        }
        return Dictionary(uniqueKeysWithValues: found)
    }

    /// What is kept under a name; `nil` when nothing is.
    func state(_ name: String, _ slot: UInt8) async throws -> (index: UInt64, state: [UInt8])? {
        let request = GetSlotStateRequest(name: name, slot: slot)
        let answer = try SlotState(serialized: try await self.call(LedgerMethods.getSlotState, request.serialized))
        return answer.known ? (answer.index, answer.state) : nil
    }

    func putState(_ name: String, _ slot: UInt8, epoch: UInt64, index: UInt64, _ state: [UInt8]) async throws {
        let request = PutSlotStateRequest(name: name, slot: slot, epoch: epoch, index: index, state: state)
        _ = try await self.call(LedgerMethods.putSlotState, request.serialized)
    }

    /// An event; `nil` when its bytes cannot be read.
    func event(_ index: UInt64) async throws -> AuditEvent? {
        var view = EntryBatchView()
        let request = ReadEntriesRequest(from: index, to: index + 1)
        let items = self.client.stream(LedgerMethods.readEntries, request.serialized, log: self.origin)
        for try await payload in items {
            try view.read(payload.span)
            guard let item = view.items.first else { continue }
            guard case .event(let bytes) = try? Entry(serialized: Array(payload[item.entry])).body else { return nil }
            return try? AuditEvent(serialized: bytes)
        }
        return nil
    }

    /// Entries of some kinds up to the log's end now.
    func entries(from: UInt64, _ kinds: [EntryKind]) -> ItemSequence {
        let request = ReadEntriesRequest(from: from, kinds: EntryKindSet(kinds))
        return self.client.stream(LedgerMethods.readEntries, request.serialized, log: self.origin)
    }

    /// How far models and rule sets have come in slots.
    func progress(
        _ consumers: [(model: Digest, schema: Digest, slot: UInt8)]
    ) async throws -> [(model: Digest, slot: UInt8, next: UInt64)] {
        try await Self.each(consumers) { model, schema, slot in
            let id = try VerdictStream.consumerID(model: model, schema: schema, slot: slot)
            let answer = try await self.call(LedgerMethods.getProducer, GetProducerRequest(id: id).serialized)
            let status = try ProducerStatus(serialized: answer)
            return (model, slot, status.known ? status.lastSequence : 0)
        }
    }

    /// Events of slots and all records of models.
    ///
    /// - Parameter end: `nil` follows the log.
    func events(from: UInt64, to end: UInt64?, _ slots: SlotSet) -> ItemSequence {
        let request = ReadEntriesRequest(
            from: from,
            to: end ?? 0,
            follow: end == nil,
            kinds: EntryKindSet([.event]),
            slots: slots,
            kindsOfAllSlots: EntryKindSet([.model]),
        )
        return self.client.stream(LedgerMethods.readEntries, request.serialized, log: self.origin)
    }

    private func call(_ method: MethodDescriptor, _ request: [UInt8]) async throws -> [UInt8] {
        try await self.client.call(method, request, log: self.origin, deadline: Self.deadline)
    }

    private static func each<Item: Sendable, Answer: Sendable>(
        _ items: [Item],
        _ ask: @escaping @Sendable (Item) async throws -> Answer,
    ) async throws -> [Answer] {
        try await withThrowingTaskGroup(of: Answer.self) { group in
            var answers: [Answer] = []
            for (position, item) in items.enumerated() {
                if position >= Self.callsMax, let answer = try await group.next() { answers.append(answer) }
                group.addTask { try await ask(item) }
            }
            for try await answer in group { answers.append(answer) }
            return answers
        }
    }
}
