import IngestCore
import Primitives
import Simulation
import Storage
import Testing

@Suite struct SpoolTests {
    @Test func keepsOrderAndBoundaries() throws {
        let disk = SimulatedDisk()
        var spool = try Spool(in: disk, limits: SpoolLimits(fileByteCountMax: 100))
        for number in 1...20 as ClosedRange<UInt8> { try spool.append([UInt8](repeating: number, count: 30)) }
        #expect(spool.count == 20)
        #expect(spool.byteCount == 20 * 46)
        #expect(disk.files.keys.filter { $0.hasSuffix(".spool") }.count > 3)
        for number in 1...20 as ClosedRange<UInt8> {
            #expect(try spool.first() == [UInt8](repeating: number, count: 30))
            try spool.drained()
        }
        #expect(try spool.first() == nil)
        #expect(disk.files.keys.filter { $0.hasSuffix(".spool") }.count == 1)
    }

    @Test func goesOnWhereItWas() throws {
        let disk = SimulatedDisk()
        do {
            var spool = try Spool(in: disk)
            for number in 1...5 as ClosedRange<UInt8> { try spool.append([number]) }
            for _ in 0..<5 { try spool.drained() }
            try spool.append([6])
        }
        disk.restart()
        var spool = try Spool(in: disk)
        #expect(spool.count == 1)
        #expect(try spool.first() == [6])
        try spool.append([7])
        try spool.drained()
        #expect(try spool.first() == [7])
    }

    @Test func fullPushesBackAndChangesNothing() throws {
        let disk = SimulatedDisk()
        var spool = try Spool(in: disk, limits: SpoolLimits(byteCountMax: 100))
        try spool.append([UInt8](repeating: 1, count: 84))
        let error = #expect(throws: IndelibleError.self) { try spool.append([1]) }
        #expect(error?.code == .resourceExhausted)
        #expect(error?.message.contains("100 of 100 bytes") == true)
        try spool.drained()
        try spool.append([2])
        #expect(try spool.first() == [2])
    }

    /// A changed byte in what was acknowledged is never taken for a torn write.
    @Test func damageBeforeTheEndIsReported() throws {
        let disk = SimulatedDisk()
        var names: [String] = []
        do {
            var spool = try Spool(in: disk, limits: SpoolLimits(fileByteCountMax: 60))
            for number in 1...6 as ClosedRange<UInt8> { try spool.append([UInt8](repeating: number, count: 40)) }
            names = disk.files.keys.filter { $0.hasSuffix(".spool") }.sorted()
        }
        disk.corrupt(names[0]) { $0[20] ^= 1 }
        let error = #expect(throws: IndelibleError.self) { _ = try Spool(in: disk).count }
        #expect(error?.code == .dataLoss)
        #expect(error?.message.contains(names[0]) == true)
    }

    @Test func aMissingFileIsReported() throws {
        let disk = SimulatedDisk()
        do {
            var spool = try Spool(in: disk, limits: SpoolLimits(fileByteCountMax: 60))
            for number in 1...6 as ClosedRange<UInt8> { try spool.append([UInt8](repeating: number, count: 40)) }
        }
        let names = disk.files.keys.filter { $0.hasSuffix(".spool") }.sorted()
        try disk.remove(names[1])
        let error = #expect(throws: IndelibleError.self) { _ = try Spool(in: disk).count }
        #expect(error?.code == .dataLoss)
    }

    /// Preallocated zeros, garbage and every cut of the last record: what was whole stays, the rest goes.
    @Test func everyTornTail() throws {
        for kept in 0..<56 {
            let disk = SimulatedDisk()
            do {
                var spool = try Spool(in: disk)
                try spool.append([UInt8](repeating: 1, count: 40))
                try spool.append([UInt8](repeating: 2, count: 40))
            }
            let name = try #require(disk.files.keys.first { $0.hasSuffix(".spool") })
            disk.corrupt(name) { $0 = Array($0.prefix(56 + kept)) + (kept.isMultiple(of: 2) ? [0, 0, 0, 0] : [0xff]) }
            var spool = try Spool(in: disk)
            #expect(spool.count == 1, "\(kept) bytes of the second record")
            try spool.append([3])
            try spool.drained()
            #expect(try spool.first() == [3])
        }
    }

    @Test func epochsRise() throws {
        let disk = SimulatedDisk()
        #expect(try CollectorEpoch.next(now: 100, in: disk) == 100)
        #expect(try CollectorEpoch.next(now: 50, in: disk) == 101)
        #expect(try CollectorEpoch.next(now: 200, in: disk) == 200)
    }
}
