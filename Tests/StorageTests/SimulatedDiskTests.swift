import Primitives
import Simulation
import Storage
import Testing

/// Goal: the simulated disk is as unkind as POSIX allows; a suite that passes on a kinder one proves nothing.
@Suite struct SimulatedDiskTests {
    @Test func losesWhatWasNotSynced() throws {
        var kept = 0
        for seed in 0..<40 as Range<UInt64> {
            let disk = SimulatedDisk(seed: seed)
            let file = try disk.open("f", .readWrite)
            try file.write([UInt8](repeating: 1, count: 1_024), at: 0)
            try file.sync()
            try disk.syncDirectory("")
            try file.write([UInt8](repeating: 2, count: 1_024), at: 0)
            disk.powerCut()
            disk.restart()
            let bytes = try #require(try disk.readAll("f", byteCountMax: 2_000))
            for sector in [bytes[..<512], bytes[512...]] {
                #expect(Set(sector).count == 1, "sectors are whole")
                if sector.first == 2 { kept += 1 }
            }
        }
        #expect((1..<80).contains(kept), "some survive, some do not")
    }

    @Test func losesNamesThatWereNotSynced() throws {
        var kept = 0
        for seed in 0..<40 as Range<UInt64> {
            let disk = SimulatedDisk(seed: seed)
            try disk.open("f", .readWrite).sync()
            disk.powerCut()
            disk.restart()
            if try disk.exists("f") { kept += 1 }
        }
        #expect((1..<40).contains(kept))
    }

    @Test func forgetsWhatAFailedSyncDropped() throws {
        var lost = 0
        for seed in 0..<20 as Range<UInt64> {
            let disk = SimulatedDisk(.init(operation: 2, mode: .refused), seed: seed)
            let file = try disk.open("f", .readWriteDirect)
            try file.write([UInt8](repeating: 1, count: 512), at: 0)
            #expect(throws: IndelibleError.self) { try file.sync() }
            try file.sync()
            #expect(try file.read(1, at: 0) == [1], "still in the cache")
            let device = try disk.open("f", .readWriteDirect).read(1, at: 0)
            if device != [1] { lost += 1 }
        }
        #expect((1..<20).contains(lost), "the second sync says yes and writes nothing")
    }

    @Test(arguments: SimulatedDisk.FaultPlan.Mode.allCases)
    func faultsHappenWhereTheyArePlanned(mode: SimulatedDisk.FaultPlan.Mode) throws {
        let disk = SimulatedDisk(.init(operation: 2, mode: mode))
        let file = try disk.open("f", .readWrite)
        try file.write([1], at: 0)
        #expect(disk.faultFired == false)
        #expect(throws: IndelibleError.self) { try file.write([2], at: 0) }
        #expect(disk.faultFired)
        switch mode {
        case .refused: #expect(try file.read(1, at: 0) == [1])
        case .refusedFromThenOn: #expect(throws: IndelibleError.self) { try file.write([3], at: 0) }
        case .appliedButFailed: #expect(try file.read(1, at: 0) == [2])
        case .tornWrite, .powerCut: #expect(throws: IndelibleError.self) { try file.read(1, at: 0) }
        }
        disk.restart()
        #expect(throws: IndelibleError.self) { try file.read(1, at: 0) }
    }

    @Test func fillsUp() throws {
        let disk = SimulatedDisk()
        disk.limit(byteCount: 10)
        let file = try disk.open("f", .readWrite)
        try file.write([UInt8](repeating: 1, count: 10), at: 0)
        let error = #expect(throws: IndelibleError.self) { try file.write([1], at: 10) }
        #expect(error?.code == .resourceExhausted)
        try file.write([2], at: 9)
    }
}
