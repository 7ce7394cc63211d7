import IngestCore
import Primitives
import Simulation
import Storage
import Testing

/// Goal: whatever goes wrong at whichever operation, an acknowledged batch comes out of the spool, in order, until it was
/// drained; and nothing comes out that was not put in.
///
/// Method: append and drain with one fault at operation 0, 1, 2 … until the fault goes unused; go on after errors as the
/// service does; cut the power; open again and compare with what was promised.
@Suite struct SpoolCrashTests {
    static let limits = SpoolLimits(byteCountMax: 1 << 20, fileByteCountMax: 200, recordsPerPositionMax: 2)
    static let batchCount: UInt8 = 9

    /// What the caller of a spool remembers.
    struct Promise {
        var acknowledged: [UInt8] = []
        /// Appends that failed: they may be there or not.
        var doubtful: Set<UInt8> = []
        var drained: Set<UInt8> = []
    }

    private static func payload(_ number: UInt8) -> [UInt8] { [UInt8](repeating: number, count: 40 + Int(number)) }

    /// Appends each batch, drains every other time; opens the spool again after an error.
    private func work(on disk: SimulatedDisk, _ promise: inout Promise) {
        var next: UInt8 = 1
        while next <= Self.batchCount {
            do throws(IndelibleError) {
                var spool = try Spool(in: disk, limits: Self.limits)
                while next <= Self.batchCount {
                    let number = next
                    next += 1
                    promise.doubtful.insert(number)
                    try spool.append(Self.payload(number))
                    promise.doubtful.remove(number)
                    promise.acknowledged.append(number)
                    if number.isMultiple(of: 2) { try self.drainOne(&spool, &promise) }
                }
            } catch {
                // The power is gone, or the disk refuses once or for good: one more attempt per batch ends in time.
                next += 1
            }
        }
    }

    private func drainOne(_ spool: inout Spool, _ promise: inout Promise) throws(IndelibleError) {
        guard let first = try spool.first() else { return }
        promise.drained.insert(first[0])
        try spool.drained()
    }

    /// Everything that is still there, in order.
    private func contents(of disk: SimulatedDisk) throws -> [UInt8] {
        var spool = try Spool(in: disk, limits: Self.limits)
        var found: [UInt8] = []
        while let payload = try spool.first() {
            #expect(payload == Self.payload(payload[0]))
            found.append(payload[0])
            try spool.drained()
        }
        #expect(spool.count == 0 && spool.byteCount == 0)
        return found
    }

    private func check(_ found: [UInt8], _ promise: Promise, _ fault: String) {
        let sorted = found.sorted()
        #expect(found == sorted, "out of order, \(fault)")
        let expected = promise.acknowledged.filter { !promise.drained.contains($0) }
        #expect(Set(found).isSuperset(of: expected), "acknowledged \(expected), found \(found), \(fault)")
        let possible = Set(promise.acknowledged).union(promise.doubtful)
        #expect(possible.isSuperset(of: found), "found \(found), \(fault)")
        #expect(Set(found).count == found.count, "twice, \(fault)")
    }

    @Test(arguments: SimulatedDisk.FaultPlan.Mode.allCases, 0..<40 as Range<UInt64>)
    func survivesEveryFault(mode: SimulatedDisk.FaultPlan.Mode, seed: UInt64) throws {
        var operation = 0
        while true {
            let disk = SimulatedDisk(.init(operation: operation, mode: mode), seed: seed)
            var promise = Promise()
            self.work(on: disk, &promise)
            let fired = disk.faultFired
            disk.powerCut()
            disk.restart()
            self.check(try self.contents(of: disk), promise, "fault at \(operation), \(mode), seed \(seed)")
            guard fired else {
                #expect(operation > 30, "the work has too few operations to mean anything")
                return
            }
            operation += 1
        }
    }

    /// A restart without a power cut, such as after kill -9.
    @Test(arguments: 0..<40 as Range<UInt64>)
    func survivesTheEndOfTheProcess(seed: UInt64) throws {
        let disk = SimulatedDisk(seed: seed)
        var promise = Promise()
        self.work(on: disk, &promise)
        disk.restart()
        self.check(try self.contents(of: disk), promise, "seed \(seed)")
        #expect(promise.doubtful.isEmpty)
    }
}
