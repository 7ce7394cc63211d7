import LedgerCore
import Primitives
import Simulation
import Testing

/// Goal: a repeat is never taken for something new, and within the limits something new never for a repeat.
///
/// Method: random runs, looked up beside a plain dictionary of every sequence number.
@Suite struct ProducerTableTests {
    static func id(_ number: Int) throws -> ProducerID {
        try #require(ProducerID([UInt8(number & 255), UInt8(number >> 8)]))
    }

    private struct Model {
        var epochs: [Int: UInt64] = [:]
        var indexes: [Int: [UInt64: UInt64]] = [:]
    }

    @Test(arguments: 0..<60 as Range<UInt64>) func neverTakesARepeatForNew(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var limits = ProducerLimits()
        limits.producerCountMax = 4
        limits.runsPerProducerMax = 8
        limits.runCountMax = 20
        var table = ProducerTable(limits: limits)
        var model = Model()
        var index: UInt64 = 0
        for _ in 0..<400 {
            let number = Int(random.next() % 6)
            let id = try Self.id(number)
            let epoch = (model.epochs[number] ?? 10) + (random.oneIn(40) ? random.next() % 3 : 0)
            let first = random.next() % 60 + 1
            let end = first + random.next() % 6 + 1
            let expected = epoch == model.epochs[number] ? model.indexes[number] ?? [:] : [:]
            do throws(IndelibleError) {
                let parts = try table.known(id, epoch: epoch, from: first, to: end)
                for part in parts {
                    for offset in 0..<part.count {
                        #expect(expected[part.firstSequence + offset] == part.firstIndex + offset)
                    }
                }
                let known = parts.reduce(0) { $0 + Int($1.count) }
                #expect(known == (first..<end).filter { expected[$0] != nil }.count)
                guard known == 0 else { continue }
                table.add(
                    ProducerRun(firstSequence: first, firstIndex: index, count: end - first),
                    by: id,
                    epoch: epoch,
                )
                if model.epochs[number] != epoch { model.indexes[number] = [:] }
                model.epochs[number] = epoch
                for sequence in first..<end {
                    model.indexes[number, default: [:]][sequence] = index
                    index += 1
                }
                index += random.next() % 2
            } catch {
                #expect(error.code == .failedPrecondition)
                if model.epochs[number] == nil { model.epochs[number] = epoch + 20 }
                // A refused producer starts again.
                model.epochs[number] = (model.epochs[number] ?? 0) + 1
                model.indexes[number] = [:]
            }
            #expect(table.count <= limits.producerCountMax)
        }
    }

    @Test func mergesWhatContinues() throws {
        var table = ProducerTable()
        let id = try Self.id(1)
        table.add(ProducerRun(firstSequence: 1, firstIndex: 100, count: 5), by: id, epoch: 1)
        table.add(ProducerRun(firstSequence: 9, firstIndex: 108, count: 2), by: id, epoch: 1)
        table.add(ProducerRun(firstSequence: 6, firstIndex: 105, count: 3), by: id, epoch: 1)
        #expect(
            try table.known(id, epoch: 1, from: 1, to: 20) == [
                ProducerRun(firstSequence: 1, firstIndex: 100, count: 10)
            ]
        )
    }

    @Test func refusesEpochsOfTheForgotten() throws {
        var limits = ProducerLimits()
        limits.producerCountMax = 2
        var table = ProducerTable(limits: limits)
        for number in 1...3 {
            let run = ProducerRun(firstSequence: 1, firstIndex: UInt64(number), count: 1)
            table.add(run, by: try Self.id(number), epoch: UInt64(number * 10))
        }
        #expect(table.count == 2)
        #expect(throws: IndelibleError.self) { try table.known(Self.id(1), epoch: 10, from: 1, to: 2) }
        #expect(throws: IndelibleError.self) { try table.known(Self.id(9), epoch: 10, from: 1, to: 2) }
        #expect(try table.known(Self.id(1), epoch: 11, from: 1, to: 2) == [])
        #expect(throws: IndelibleError.self) { try table.known(Self.id(3), epoch: 29, from: 1, to: 2) }
    }
}
