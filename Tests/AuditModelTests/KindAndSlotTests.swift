import AuditModel
import Testing

@Suite struct KindAndSlotTests {
    /// FNV-1a-64 of "a" and "foobar" are published with the algorithm: af63dc4c8601ec8c and 85944171f73967e8.
    static let slots: [(id: String, slot: UInt8)] = [
        ("a", 0xaf ^ 0x63 ^ 0xdc ^ 0x4c ^ 0x86 ^ 0x01 ^ 0xec ^ 0x8c),
        ("foobar", 0x85 ^ 0x94 ^ 0x41 ^ 0x71 ^ 0xf7 ^ 0x39 ^ 0x67 ^ 0xe8),
        ("", 0),
    ]

    @Test(arguments: slots)
    func slot(_ row: (id: String, slot: UInt8)) { #expect(ActorSlot.slot(of: row.id) == row.slot) }

    @Test func slotsAreEven() {
        var counts = [Int](repeating: 0, count: ActorSlot.count)
        for number in 0..<25_600 { counts[Int(ActorSlot.slot(of: "user-\(number)@example.com"))] += 1 }
        #expect(counts.allSatisfy { 40...180 ~= $0 })
    }

    @Test func kindsHaveNamesBothWays() {
        for (kind, name) in EntryKind.names {
            #expect(kind.description == name)
            #expect(EntryKind(name: name) == kind)
        }
        #expect(EntryKind(name: "63")?.description == "63")
        for name in ["", "2", "64", "events"] { #expect(EntryKind(name: name) == nil) }
    }

    @Test func kindSets() {
        let set = EntryKindSet([.seal, .event])
        #expect(set.contains(.event) && set.contains(.seal) && !set.contains(.key))
        #expect(set.members == [.event, .seal])
        #expect(EntryKindSet.all.members.isEmpty && EntryKindSet.all.contains(.alert))
    }
}
