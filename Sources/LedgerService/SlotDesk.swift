import LedgerCore
import Platform
import Primitives
import ProtobufC
import ServiceProtocol
import Synchronization

/// Leases the actor slots of one log to analyzers, and keeps their states.
final class SlotDesk: Sendable {
    private let leases: Mutex<SlotLeases>
    private let leaseMilliseconds: UInt32
    private let stage: LogStage
    private let states: SlotStateStore
    /// Replacing a file is not safe for two at once.
    private let writing = Mutex<Void>(())

    /// - Parameter leaseMilliseconds: how long a member may be silent.
    init(stage: LogStage, states: SlotStateStore, leaseMilliseconds: UInt32) {
        self.leases = Mutex(SlotLeases(lease: UInt64(leaseMilliseconds) * 1_000_000))
        self.leaseMilliseconds = leaseMilliseconds
        self.stage = stage
        self.states = states
    }

    func hold(_ payload: [UInt8]) throws(IndelibleError) -> [UInt8] {
        let request = try HoldSlotsRequest(serialized: payload)
        guard (1...ProtocolLimits.memberByteCountMax).contains(request.member.utf8.count) else {
            throw IndelibleError(
                .invalidArgument,
                "Who asks for slots names itself with 1 to \(ProtocolLimits.memberByteCountMax) bytes.",
            )
        }
        let grant = self.leases.withLock { leases in
            let grant = leases.renew(
                request.member,
                held: request.held,
                isLeaving: request.isLeaving,
                now: SystemClock.monotonicNanoseconds,
                epoch: SystemClock.wallNanoseconds,
            )
            // Before anybody hears of it: whoever had the slot is shut out from here on.
            for slot in grant?.gained ?? [] { self.stage.fence(slot.slot, below: slot.epoch) }
            return grant
        }
        guard let grant else {
            throw IndelibleError(
                .resourceExhausted,
                "\(SlotLeases.memberCountMax) analyzers share the slots already. Stop one first.",
            )
        }
        return HoldSlotsResponse(
            slots: grant.slots,
            leaseMilliseconds: self.leaseMilliseconds,
            memberCount: UInt32(grant.memberCount),
        ).serialized
    }

    func holders() -> [UInt8] {
        let holders = self.leases.withLock { $0.holders(now: SystemClock.monotonicNanoseconds) }
        return SlotHolders(holders: holders, leaseMilliseconds: self.leaseMilliseconds).serialized
    }

    func put(_ payload: [UInt8]) throws(IndelibleError) -> [UInt8] {
        let request = try PutSlotStateRequest(serialized: payload)
        guard self.leases.withLock({ $0.isCurrent(request.slot, epoch: request.epoch) }) else {
            throw IndelibleError(
                .failedPrecondition,
                "Slot \(request.slot) has another lease now. Ask for slots again.",
            )
        }
        try self.writing.withLock { (_) throws(IndelibleError) in
            try self.states.put(request.name, slot: request.slot, index: request.index, request.state)
        }
        return PutSlotStateResponse().serialized
    }

    func get(_ payload: [UInt8]) throws(IndelibleError) -> [UInt8] {
        let request = try GetSlotStateRequest(serialized: payload)
        guard let found = try self.states.get(request.name, slot: request.slot) else { return SlotState().serialized }
        return SlotState(known: true, index: found.index, state: found.state).serialized
    }
}
