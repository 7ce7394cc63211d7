import IngestCore
import Primitives
import Simulation
import Storage
import Testing

/// Goal: a key that was written stands for the same numbers ever after, whatever goes wrong at whichever operation.
///
/// Method: write keys with one fault at operation 0, 1, 2 … until the fault goes unused; open the journal again after errors as
/// the service does; cut the power; compare with what was promised.
@Suite struct KeyJournalTests {
    static let limits: KeyLimits = {
        var limits = KeyLimits()
        limits.fileKeyCountMax = 4
        return limits
    }()

    private static func key(_ number: UInt64) -> [UInt8] { [UInt8](repeating: UInt8(number), count: 16) }

    private static func assignment(_ number: UInt64, _ state: KeyAssignment.State = .pending) -> KeyAssignment {
        KeyAssignment(content: Self.key(number), epoch: 7, firstSequence: number * 10, count: 10, state: state)
    }

    @Test func remembersAcrossRestarts() throws {
        let disk = SimulatedDisk()
        var journal = try KeyJournal(in: disk)
        #expect(journal.assignment(of: Self.key(1)) == nil)
        try journal.write([(Self.key(1), Self.assignment(1)), (Self.key(2), Self.assignment(2))])
        journal.note(Self.key(1), .durable(firstIndex: 99))
        #expect(journal.assignment(of: Self.key(1))?.state == .durable(firstIndex: 99))
        disk.restart()
        journal = try KeyJournal(in: disk)
        #expect(journal.assignment(of: Self.key(1)) == Self.assignment(1), "an outcome alone is not synced")
        journal.note(Self.key(1), .durable(firstIndex: 99))
        journal.note(Self.key(2), .safe)
        try journal.write([(Self.key(3), Self.assignment(3))])
        disk.restart()
        journal = try KeyJournal(in: disk)
        #expect(journal.assignment(of: Self.key(1)) == Self.assignment(1, .durable(firstIndex: 99)))
        #expect(journal.assignment(of: Self.key(2)) == Self.assignment(2, .safe))
        #expect(journal.assignment(of: Self.key(3)) == Self.assignment(3))
    }

    @Test func keepsTheLatestKeys() throws {
        let disk = SimulatedDisk()
        var journal = try KeyJournal(in: disk, limits: Self.limits)
        for number in 1...20 as ClosedRange<UInt64> {
            try journal.write([(Self.key(number), Self.assignment(number))])
            for recent in (number > 3 ? number - 3 : 1)...number {
                #expect(journal.assignment(of: Self.key(recent)) == Self.assignment(recent), "\(recent) at \(number)")
            }
            #expect(disk.files.keys.filter { $0.hasSuffix(".spool") }.count <= 2)
        }
        #expect(journal.assignment(of: Self.key(1)) == nil)
        disk.restart()
        journal = try KeyJournal(in: disk, limits: Self.limits)
        #expect(journal.assignment(of: Self.key(20)) == Self.assignment(20))
        #expect(journal.assignment(of: Self.key(17)) == Self.assignment(17))
    }

    @Test(arguments: SimulatedDisk.FaultPlan.Mode.allCases, 0..<20 as Range<UInt64>)
    func survivesEveryFault(mode: SimulatedDisk.FaultPlan.Mode, seed: UInt64) throws {
        var operation = 0
        while true {
            let disk = SimulatedDisk(.init(operation: operation, mode: mode), seed: seed)
            var written: [UInt64] = []
            var next: UInt64 = 1
            while next <= 7 {
                do throws(IndelibleError) {
                    var journal = try KeyJournal(in: disk, limits: Self.limits)
                    while next <= 7 {
                        let number = next
                        next += 1
                        try journal.write([(Self.key(number), Self.assignment(number))])
                        written.append(number)
                    }
                } catch {
                    next += 1
                }
            }
            let fired = disk.faultFired
            disk.powerCut()
            disk.restart()
            let journal = try KeyJournal(in: disk, limits: Self.limits)
            for number in written.suffix(4) {
                #expect(
                    journal.assignment(of: Self.key(number)) == Self.assignment(number),
                    "key \(number), fault at \(operation), \(mode), seed \(seed)",
                )
            }
            guard fired else {
                #expect(operation > 20, "the work has too few operations to mean anything")
                return
            }
            operation += 1
        }
    }
}
