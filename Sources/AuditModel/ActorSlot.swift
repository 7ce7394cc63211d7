/// The virtual slot that an actor's events and state belong to; slots, not actors, are shared out to analyzers.
package enum ActorSlot {
    /// Slots 0 to 255.
    package static let count = 256

    /// The slot of an actor: FNV-1a with 64 bits over the UTF-8 bytes of its id, all eight bytes of the hash folded
    /// into one by exclusive or.
    ///
    /// The empty id, which stands for an event without an actor, has slot 0 like the id that hashes to it. Never
    /// changes: the slot is stored beside each entry.
    ///
    /// - SeeAlso: draft-eastlake-fnv, section 5, for the offset basis and the prime.
    package static func slot(of actorID: Span<UInt8>) -> UInt8 {
        guard !actorID.isEmpty else { return 0 }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for position in actorID.indices {
            hash = (hash ^ UInt64(actorID[position])) &* 0x100_0000_01b3
        }
        hash ^= hash >> 32
        hash ^= hash >> 16
        hash ^= hash >> 8
        return UInt8(truncatingIfNeeded: hash)
    }

    package static func slot(of actorID: String) -> UInt8 { Self.slot(of: Array(actorID.utf8).span) }
}
