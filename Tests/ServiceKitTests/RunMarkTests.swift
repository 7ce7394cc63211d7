import Primitives
import ServiceKit
import Simulation
import Storage
import Testing

/// Goal: how a run ended is known at the next start, whatever happened to it.
@Suite struct RunMarkTests {
    private static let id = [UInt8](repeating: 7, count: RunMark.idByteCount)
    private static let other = [UInt8](repeating: 8, count: RunMark.idByteCount)

    @Test func tellsHowTheLastRunEnded() throws {
        let disk = SimulatedDisk()
        let first = try RunMark(beginningIn: disk, now: 100, id: Self.id)
        #expect(first.previous == .none && first.began == 100 && first.id == Self.id)
        disk.restart()
        let second = try RunMark(beginningIn: disk, now: 200, id: Self.other)
        #expect(second.previous == .unfinished(began: 100))
        #expect(second.id == Self.id, "a directory keeps its name")
        try second.end(isRecorded: false, in: disk)
        // The clock was set back: runs are told apart by their beginning all the same.
        let third = try RunMark(beginningIn: disk, now: 150, id: Self.other)
        #expect(third.previous == .stopped(began: 200) && third.began == 201)
        try third.end(isRecorded: true, in: disk)
        #expect(try RunMark(beginningIn: disk, now: 300, id: Self.other).previous == .recorded)
    }

    /// A run that ended in order is never taken for a crash, and a crash never for an end in order, wherever the power fails.
    @Test(arguments: 0..<30 as Range<Int>) func survivesPowerCuts(operation: Int) throws {
        let disk = SimulatedDisk(.init(operation: operation, mode: .powerCut), seed: 1)
        var hasBegun = false
        var hasEnded = false
        do {
            let mark = try RunMark(beginningIn: disk, now: 100, id: Self.id)
            hasBegun = true
            try mark.end(isRecorded: true, in: disk)
            hasEnded = true
        } catch { #expect(disk.faultFired) }
        disk.powerCut()
        disk.restart()
        let previous = try RunMark(beginningIn: disk, now: 200, id: Self.other).previous
        if hasEnded {
            #expect(previous == .recorded)
        } else if hasBegun {
            #expect(previous == .unfinished(began: 100) || previous == .recorded)
        } else {
            #expect(previous == .none || previous == .unfinished(began: 100))
        }
    }

    @Test(arguments: ["", "x", "07 1 running\n", "zz 1 running\n", String(repeating: "07", count: 16) + " 1 odd\n"])
    func refusesWhatIsNoMark(text: String) throws {
        let disk = SimulatedDisk()
        try disk.replaceDurably(RunMark.path, with: Array(text.utf8))
        let error = #expect(throws: IndelibleError.self) { try RunMark(beginningIn: disk, now: 1, id: Self.id) }
        #expect(error?.code == .dataLoss)
    }
}
