import LedgerCore
import Primitives
import ServiceProtocol
import Simulation
import Testing

/// Goal: at any time a slot is worked on by one member at most, and soon by one.
///
/// Method: members that join, leave, hang and lose answers, as a seed says; the clock is a number.
struct SlotLeasesTests {
    private static let lease: UInt64 = 1_000

    /// Leases, and the answers that must be there.
    private struct Desk {
        var leases = SlotLeases(lease: SlotLeasesTests.lease)

        mutating func renew(
            _ name: String,
            _ held: SlotSet,
            isLeaving: Bool = false,
            now: UInt64,
            epoch: UInt64 = 1,
        ) throws -> SlotLeases.Grant {
            let grant = self.leases.renew(name, held: held, isLeaving: isLeaving, now: now, epoch: epoch)
            return try #require(grant)
        }
    }

    @Test func slotsAreSharedAndMove() throws {
        var desk = Desk()
        let alone = try desk.renew("a", .none, now: 0, epoch: 50)
        #expect(alone.slots.count == 256 && alone.gained == alone.slots)
        #expect(alone.slots.allSatisfy { $0.epoch == 50 })

        let second = try desk.renew("b", .none, now: 1, epoch: 51)
        #expect(second.slots.isEmpty && second.memberCount == 2, "nothing is free yet")
        let asked = try desk.renew("a", .all, now: 2, epoch: 52)
        #expect(asked.slots.map(\.slot) == Array(0...127) && asked.gained.isEmpty)
        let early = try desk.renew("b", .none, now: 3, epoch: 53)
        #expect(early.slots.isEmpty, "a works on them still")
        _ = try desk.renew("a", SlotSet(0...127), now: 4, epoch: 54)
        let moved = try desk.renew("b", .none, now: 5, epoch: 40)
        #expect(moved.slots.map(\.slot) == Array(128...255))
        #expect(moved.slots.allSatisfy { $0.epoch == 51 }, "epochs grow, whatever the clock says")
        #expect(desk.leases.isCurrent(128, epoch: 51) && !desk.leases.isCurrent(128, epoch: 50))
        let holders = desk.leases.holders(now: 6)
        #expect(holders.map(\.member) == ["a", "b"] && holders.map(\.slots.count) == [128, 128])

        _ = try desk.renew("b", SlotSet(128...255), isLeaving: true, now: 7, epoch: 55)
        let all = try desk.renew("a", SlotSet(0...127), now: 8, epoch: 56)
        #expect(all.slots.count == 256)
    }

    @Test func whoIsSilentLosesItsSlots() throws {
        var desk = Desk()
        _ = try desk.renew("a", .none, now: 0)
        let early = try desk.renew("b", .none, now: Self.lease)
        #expect(early.slots.isEmpty)
        let taken = try desk.renew("b", .none, now: Self.lease + 1)
        #expect(taken.slots.count == 256)
        let back = try desk.renew("a", .all, now: Self.lease + 2)
        #expect(back.slots.isEmpty, "what it believes to hold is another's")
    }

    @Test func anAnswerThatWasLostIsNoLease() throws {
        var desk = Desk()
        _ = try desk.renew("a", .none, now: 0)
        let again = try desk.renew("a", .none, now: 1)
        #expect(again.gained.count == 256 && again.slots.allSatisfy { $0.epoch == 2 })
    }

    @Test func thereAreOnlySoManyMembers() throws {
        var desk = Desk()
        for number in 0..<SlotLeases.memberCountMax { _ = try desk.renew("m\(number)", .none, now: 0) }
        let refused = desk.leases.renew("one more", held: .none, now: 0, epoch: 1)
        #expect(refused == nil)
    }

    private struct Member {
        var held: [UInt8: UInt64] = [:]
        var hangsUntil: UInt64 = 0
    }

    @Test(arguments: 0..<100 as Range<UInt64>) func noSlotHasTwoCurrentLeases(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var desk = Desk()
        var members: [Int: Member] = [:]
        var highest = [UInt64](repeating: 0, count: 256)
        for now in stride(from: UInt64(0), to: 20_000, by: 100) {
            let number = Int(random.next() % 5)
            var member = members[number] ?? Member()
            guard member.hangsUntil <= now else { continue }
            let isLeaving = random.oneIn(12)
            let grant = try desk.renew("\(number)", SlotSet(member.held.keys), isLeaving: isLeaving, now: now)
            for slot in grant.gained {
                #expect(slot.epoch > highest[Int(slot.slot)])
                highest[Int(slot.slot)] = slot.epoch
            }
            // An answer may be lost, and a member may hang for longer than its lease.
            if !random.oneIn(10) {
                member.held = Dictionary(uniqueKeysWithValues: grant.slots.map { ($0.slot, $0.epoch) })
            }
            if random.oneIn(15) { member.hangsUntil = now + 2 * Self.lease }
            members[number] = isLeaving ? nil : member
            for slot in 0...UInt8.max {
                let current = members.values.filter { member in
                    member.held[slot].map { desk.leases.isCurrent(slot, epoch: $0) } ?? false
                }
                #expect(current.count <= 1)
            }
        }
        // When all fall silent, whoever comes has everything.
        let left = desk.leases.holders(now: 100_000)
        #expect(left.isEmpty)
        let last = try desk.renew("last", .none, now: 100_001)
        #expect(last.slots.count == 256)
    }
}
