import LedgerCore
import Simulation
import Testing

/// Goal: no fault of the disk and no power cut at any operation breaks a promise.
///
/// Method: a seeded workload on a simulated disk, with each fault at operation 0, 1, 2 … until none is left to hit; then a
/// restart, and a look at everything that was acknowledged, signed or answered.
@Suite struct CrashTests {
    static let steps = 14
    /// Unoptimised code is twenty times slower; there each operation is tried with two seeds only.
    #if DEBUG
    static let seeds = Seeds.range(usual: 0..<16)
    #else
    static let seeds = Seeds.range(usual: 0..<200)
    #endif

    @Test(arguments: SimulatedDisk.FaultPlan.Mode.allCases, seeds)
    func keepsEveryPromise(mode: SimulatedDisk.FaultPlan.Mode, seed: UInt64) throws {
        var operation = 0
        while true {
            var run = CrashRun(.init(operation: operation, mode: mode), seed: seed)
            run.work(steps: Self.steps)
            let fired = run.disk.faultFired
            // A killed process leaves what it wrote in the machine; a power cut does not.
            if seed.isMultiple(of: 3) == false { run.disk.powerCut() }
            run.disk.restart()
            try run.checkPromises("\(mode) at operation \(operation), seed \(seed)")
            guard fired else { return }
            operation += 1
        }
    }

    @Test func theWorkloadDoesWhatItIsFor() throws {
        var sealed = 0
        var recycled = 0
        for seed in 0..<40 as Range<UInt64> {
            var run = CrashRun(nil, seed: seed)
            run.work(steps: Self.steps)
            run.disk.restart()
            try run.checkPromises("no fault, seed \(seed)")
            sealed += run.disk.files.keys.filter { $0.hasPrefix("segments/") }.count
            recycled += run.disk.files.keys.filter { $0.hasPrefix("journal/") }.count
        }
        #expect(sealed > 40)
        #expect(recycled > 40)
    }
}
