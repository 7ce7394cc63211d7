package import ServiceProtocol

/// Shares the 256 actor slots among those who ask for them, and takes them back from those who fall silent.
///
/// Kept in memory only: who holds what is worth nothing after a restart, and no entry tells it. A slot moves when its holder
/// has given it back, or has not asked for the lease's time; then it gets an epoch larger than any before.
package struct SlotLeases: Sendable {
    package static let memberCountMax = 256

    /// What a member is told.
    package struct Grant: Equatable, Sendable {
        package let slots: [HeldSlot]
        /// Those of ``slots`` that it did not have before: what was granted of them earlier is void now.
        package let gained: [HeldSlot]
        package let memberCount: Int
    }

    private struct Member {
        let name: String
        var lastSeen: UInt64
    }

    private struct Slot {
        var holder: String?
        var epoch: UInt64 = 0
    }

    /// Nanoseconds for which a lease lasts after its member was last heard.
    private let lease: UInt64
    /// In the order in which they came.
    private var members: [Member] = []
    private var slots = [Slot](repeating: Slot(), count: 256)

    /// - Parameter lease: in nanoseconds.
    package init(lease: UInt64) { self.lease = lease }

    /// Renews a member's lease, takes back what it gives up or has too much of, and hands out what is free.
    ///
    /// Of what a member has too much the answer leaves out the highest; it gives it up by not naming it the next time.
    ///
    /// - Parameters:
    ///   - name: of the member.
    ///   - held: what it works on.
    ///   - isLeaving: it gives up everything.
    ///   - now: nanoseconds of a clock that never goes back.
    ///   - epoch: nanoseconds since the Unix epoch, so that epochs grow over restarts too.
    /// - Returns: `nil` when there are ``memberCountMax`` others.
    package mutating func renew(
        _ name: String,
        held: SlotSet,
        isLeaving: Bool = false,
        now: UInt64,
        epoch: UInt64,
    ) -> Grant? {
        self.expire(now)
        self.free { $0 == name && (isLeaving || !held.contains($1)) }
        self.members.removeAll { isLeaving && $0.name == name }
        guard !isLeaving else { return Grant(slots: [], gained: [], memberCount: self.members.count) }
        let rank: Int
        if let known = self.members.firstIndex(where: { $0.name == name }) {
            self.members[known].lastSeen = now
            rank = known
        } else {
            guard self.members.count < Self.memberCountMax else { return nil }
            self.members.append(Member(name: name, lastSeen: now))
            rank = self.members.count - 1
        }
        let share = self.slots.count / self.members.count + (rank < self.slots.count % self.members.count ? 1 : 0)
        var mine = self.slots.indices.filter { self.slots[$0].holder == name }
        var gained: [HeldSlot] = []
        // What it worked on before this process started is best left with it.
        let free = self.slots.indices.filter { self.slots[$0].holder == nil }
        let wanted = free.filter { held.contains(UInt8($0)) } + free.filter { !held.contains(UInt8($0)) }
        for slot in wanted.prefix(max(0, share - mine.count)) {
            self.slots[slot] = Slot(holder: name, epoch: max(self.slots[slot].epoch + 1, epoch))
            gained.append(self.held(slot))
            mine.append(slot)
        }
        mine.sort()
        return Grant(
            slots: mine.prefix(share).map(self.held),
            gained: gained.sorted { $0.slot < $1.slot },
            memberCount: self.members.count,
        )
    }

    /// Whether an epoch is that of the slot's lease now.
    package func isCurrent(_ slot: UInt8, epoch: UInt64) -> Bool {
        let slot = self.slots[Int(slot)]
        return slot.holder != nil && slot.epoch == epoch
    }

    /// Who holds what, in the order in which they came.
    ///
    /// - Parameter now: as for ``renew(_:held:isLeaving:now:epoch:)``.
    package mutating func holders(now: UInt64) -> [SlotHolder] {
        self.expire(now)
        return self.members.map { member in
            let slots = self.slots.indices.filter { self.slots[$0].holder == member.name }
            return SlotHolder(
                member: member.name,
                slots: SlotSet(slots.map { UInt8($0) }),
                silentMilliseconds: UInt32(clamping: (now - min(now, member.lastSeen)) / 1_000_000),
            )
        }
    }

    private func held(_ slot: Int) -> HeldSlot { HeldSlot(slot: UInt8(slot), epoch: self.slots[slot].epoch) }

    private mutating func expire(_ now: UInt64) {
        let silent = Set(self.members.filter { now > $0.lastSeen + self.lease }.map(\.name))
        guard !silent.isEmpty else { return }
        self.members.removeAll { silent.contains($0.name) }
        self.free { name, _ in silent.contains(name) }
    }

    private mutating func free(_ isFree: (_ holder: String, _ slot: UInt8) -> Bool) {
        for slot in self.slots.indices {
            guard let holder = self.slots[slot].holder, isFree(holder, UInt8(slot)) else { continue }
            self.slots[slot].holder = nil
        }
    }
}
