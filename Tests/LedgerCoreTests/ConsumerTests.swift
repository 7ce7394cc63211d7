import AuditModel
import LedgerCore
import Primitives
import Simulation
import Storage
import Testing

/// Goal: a consumer appends once for each stretch of the log, whoever believes to be it, over restarts too.
@Suite struct ConsumerTests {
    private static func consumer(_ slot: UInt8, _ number: UInt8 = 1) throws -> ProducerID {
        let consumer = try #require(Digest([UInt8](repeating: number, count: 32)))
        return try #require(ProducerID(ConsumerID.bytes(slot: slot, consumer: consumer)))
    }

    /// One item of a consumer that stops at `sequence`.
    private static func append(
        _ log: Log,
        _ slot: UInt8,
        epoch: UInt64,
        after: UInt64,
        to sequence: UInt64,
    ) throws -> StageOutcome {
        let entry: [UInt8] = [slot, UInt8(truncatingIfNeeded: sequence)]
        let batch = AppendBatch(
            producers: [.init(id: try Self.consumer(slot), epoch: epoch, firstSequence: sequence, after: after)],
            items: [.init(offset: 0, byteCount: 2, kind: 5, slot: slot, sequence: sequence)],
        )
        let outcome = try unsafe entry.withUnsafeBytes { try unsafe log.stage.stage(batch, from: $0) }
        while try log.committer.commit(at: 2_000) != nil {}
        return outcome
    }

    private static func code(_ work: () throws -> StageOutcome) -> IndelibleError.Code? {
        #expect(throws: IndelibleError.self) { _ = try work() }?.code
    }

    @Test func goesOnlyWhereItStopped() throws {
        let log = try Log.small(on: SimulatedDisk())
        #expect(try Self.append(log, 7, epoch: 5, after: 0, to: 10) == .staged(first: 0, count: 1))
        #expect(try Self.append(log, 7, epoch: 5, after: 0, to: 10) == .known(first: 0, size: 1), "sent again")
        #expect(Self.code { try Self.append(log, 7, epoch: 5, after: 0, to: 20) } == .failedPrecondition)
        #expect(Self.code { try Self.append(log, 7, epoch: 6, after: 11, to: 20) } == .failedPrecondition)
        #expect(Self.code { try Self.append(log, 7, epoch: 4, after: 10, to: 20) } == .failedPrecondition)
        #expect(try Self.append(log, 7, epoch: 6, after: 10, to: 20) == .staged(first: 1, count: 1))
        #expect(Self.code { try Self.append(log, 7, epoch: 5, after: 10, to: 30) } == .failedPrecondition)
        #expect(try Self.append(log, 8, epoch: 1, after: 0, to: 30) == .staged(first: 2, count: 1), "another slot")
        #expect(log.reader.size == 3)
    }

    @Test func aLaterLeaseShutsOutTheEarlierOneBeforeItAppends() throws {
        let log = try Log.small(on: SimulatedDisk())
        _ = try Self.append(log, 7, epoch: 5, after: 0, to: 10)
        log.stage.fence(7, below: 9)
        #expect(Self.code { try Self.append(log, 7, epoch: 5, after: 10, to: 20) } == .failedPrecondition)
        #expect(
            try Self.append(log, 7, epoch: 5, after: 0, to: 10) == .known(first: 0, size: 1),
            "an answer was lost",
        )
        #expect(try Self.append(log, 8, epoch: 5, after: 0, to: 10) == .staged(first: 1, count: 1))
        #expect(try Self.append(log, 7, epoch: 9, after: 10, to: 20) == .staged(first: 2, count: 1))
        log.stage.fence(7, below: 3)
        #expect(Self.code { try Self.append(log, 7, epoch: 8, after: 20, to: 30) } == .failedPrecondition)
    }

    @Test func progressSurvivesPowerCuts() throws {
        let disk = SimulatedDisk()
        var log = try Log.small(on: disk)
        for step in 0..<40 as Range<UInt64> {
            let outcome = try Self.append(log, 7, epoch: 1 + step / 3, after: step * 10, to: step * 10 + 10)
            #expect(outcome == .staged(first: step, count: 1))
            if step % 5 == 4 {
                try log.sealAll()
                log.close()
                disk.powerCut()
                disk.restart()
                log = try Log.small(on: disk)
                #expect(log.stage.status(of: try Self.consumer(7))?.lastSequence == step * 10 + 10)
            }
        }
    }

    @Test func consumersAreNeverForgotten() throws {
        var limits = ProducerLimits()
        limits.producerCountMax = 6
        limits.runCountMax = 20
        limits.runsPerConsumerMax = 4
        var table = ProducerTable(limits: limits)
        for slot in 0..<4 as Range<UInt8> {
            for sequence in stride(from: UInt64(10), through: 100, by: 10) {
                let run = ProducerRun(firstSequence: sequence, firstIndex: sequence * 100 + UInt64(slot) * 2, count: 1)
                table.add(run, by: try Self.consumer(slot), epoch: 1)
            }
        }
        for number in 0..<200 as Range<UInt64> {
            let id = try #require(ProducerID([UInt8(number), 0xaa]))
            table.add(ProducerRun(firstSequence: 1, firstIndex: 100_000 + number * 2, count: 1), by: id, epoch: 1)
            #expect(table.count <= 6)
        }
        for slot in 0..<4 as Range<UInt8> {
            let known = try table.known(try Self.consumer(slot), epoch: 1, from: 100, to: 101)
            #expect(known.map(\.firstIndex) == [10_000 + UInt64(slot) * 2])
        }
        #expect(table.count == 6)
    }

    // MARK: States

    @Test func theNewestStateIsKept() throws {
        let disk = SimulatedDisk()
        let first = try Log.small(on: disk)
        #expect(try first.states.get("actors-1", slot: 3) == nil)
        try first.states.put("actors-1", slot: 3, index: 10, [1, 2, 3])
        try first.states.put("actors-1", slot: 3, index: 9, [9])
        try first.states.put("actors-1", slot: 4, index: 2, [])
        try first.states.put("actors-2", slot: 3, index: 1, [7])
        first.close()
        disk.powerCut()
        disk.restart()
        let log = try Log.small(on: disk)
        #expect(try #require(try log.states.get("actors-1", slot: 3)) == (10, [1, 2, 3]))
        #expect(try #require(try log.states.get("actors-1", slot: 4)) == (2, []))
        #expect(try #require(try log.states.get("actors-2", slot: 3)) == (1, [7]))
        for path in ["consumers/actors-1/3"] {
            for offset in 0..<24 as Range<UInt64> {
                let whole = try #require(try disk.readAll(path, byteCountMax: 100))
                var bytes = whole
                bytes[Int(offset) % bytes.count] ^= 1
                try disk.replaceDurably(path, with: bytes)
                #expect(try log.states.get("actors-1", slot: 3) == nil, "a damaged state counts as none")
                try disk.replaceDurably(path, with: whole)
            }
        }
    }

    @Test func statesHaveLimits() throws {
        let log = try Log.small(on: SimulatedDisk())
        for name in ["", "A", "a/b", "..", "a.b", String(repeating: "a", count: 65)] {
            #expect(throws: IndelibleError.self, "\(name)") { try log.states.put(name, slot: 0, index: 0, []) }
            #expect(throws: IndelibleError.self, "\(name)") { try log.states.get(name, slot: 0) }
        }
        let large = [UInt8](repeating: 0, count: (4 << 20) + 1)
        #expect(throws: IndelibleError.self) { try log.states.put("a", slot: 0, index: 0, large) }
        for number in 0..<SlotStateStore.nameCountMax { try log.states.put("n\(number)", slot: 0, index: 0, []) }
        #expect(throws: IndelibleError.self) { try log.states.put("more", slot: 0, index: 0, []) }
    }
}
