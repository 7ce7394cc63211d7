import Primitives
import Simulation
import Storage
import Testing
import TransparencyLog
import VerifierCore

/// Goal: only what was read is believed, and what was read is never forgotten.
@Suite struct LogFollowerTests {
    private static let log = Result { try SampleLog(size: 600) }

    private static func follower(_ files: SimulatedDisk) throws -> LogFollower {
        try LogFollower(key: SampleLog.signer.verifierKey, files: files, directory: "follow")
    }

    @Test func followsGrowth() throws {
        let log = try Self.log.get()
        var follower = try Self.follower(SimulatedDisk())
        #expect(try follower.check(log.checkpoint(size: 0).bytes) == .verified(log.checkpoint(size: 0).checkpoint))
        var from = 0
        for size in [1, 2, 3, 255, 256, 257, 300, 511, 512, 600] {
            #expect(try follower.check(log.checkpoint(size: size).bytes) == .behind)
            try follower.read(from..<size, of: log)
            #expect(
                try follower.check(log.checkpoint(size: size).bytes)
                    == .verified(log.checkpoint(size: size).checkpoint)
            )
            #expect(follower.verifiedSize == UInt64(size))
            from = size
        }
        for size in stride(from: 0, through: 600, by: 25) {
            #expect(try follower.root(size: UInt64(size)) == log.root(size: size))
        }
        #expect(try follower.root(size: 601) == nil)
        follower.close()
    }

    @Test func refusesGapsAndRepeats() throws {
        let log = try Self.log.get()
        var follower = try Self.follower(SimulatedDisk())
        try follower.read(0..<5, of: log)
        let batch = log.batch(4..<6)
        for first: UInt64 in [0, 4, 6] {
            #expect { try follower.read(batch.ranges, of: batch.bytes.span, first: first) } throws: {
                ($0 as? IndelibleError)?.code == .outOfRange
            }
        }
        #expect(follower.next == 5)
    }

    @Test func namesARewrittenPast() throws {
        let log = try Self.log.get()
        let forged = try SampleLog(size: 600, changing: 20)
        let disk = SimulatedDisk()
        var follower = try Self.follower(disk)
        try follower.read(0..<300, of: log)
        _ = try follower.check(log.checkpoint(size: 300).bytes)
        // Two histories of the same size, then one that continues the other.
        let finding = Finding(
            .forked,
            path: "checkpoint",
            expected: try log.root(size: 300).hex,
            found: try forged.root(size: 300).hex,
        )
        #expect(try follower.check(forged.checkpoint(size: 300).bytes) == .finding(finding))
        try follower.read(300..<310, of: forged)
        guard case .finding(let later) = try follower.check(forged.checkpoint(size: 310).bytes) else {
            Issue.record("not noticed")
            return
        }
        #expect(later.kind == .rootWrong)
        #expect(follower.verifiedSize == 300)
        let batch = forged.batch(0..<300)
        let first = try follower.reread(batch.ranges, of: batch.bytes.span, first: 0)
        #expect(first == Finding(.payloadAltered, index: 20, expected: log.leaf(20).hex, found: forged.leaf(20).hex))
        let rest = forged.batch(21..<300)
        #expect(try follower.reread(rest.ranges, of: rest.bytes.span, first: 21) == nil)
    }

    @Test func refusesStrangersCheckpoints() throws {
        let log = try Self.log.get()
        var follower = try Self.follower(SimulatedDisk())
        let other = try NoteSigner(name: SampleLog.origin, type: .ed25519, seed: [UInt8](repeating: 9, count: 32))
        let forged = try SignedCheckpoint(log.checkpoint(size: 0).checkpoint, signer: other)
        guard case .finding(let finding) = try follower.check(forged.bytes) else {
            Issue.record("not noticed")
            return
        }
        #expect(finding.kind == .checkpointInvalid)
    }

    @Test func continuesAfterARestart() throws {
        let log = try Self.log.get()
        let disk = SimulatedDisk()
        var follower = try Self.follower(disk)
        try follower.read(0..<300, of: log)
        _ = try follower.check(log.checkpoint(size: 257).bytes)
        disk.restart()
        // What no checkpoint covered is read again, and may differ.
        follower = try Self.follower(disk)
        #expect(follower.next == 257)
        try follower.read(257..<600, of: log)
        #expect(try follower.check(log.checkpoint(size: 600).bytes) == .verified(log.checkpoint(size: 600).checkpoint))
    }

    @Test(arguments: ["follow/level-0", "follow/level-1", "follow/checkpoint"])
    func noticesChangesInItsOwnMemory(path: String) throws {
        let log = try Self.log.get()
        let disk = SimulatedDisk()
        var follower = try Self.follower(disk)
        try follower.read(0..<600, of: log)
        _ = try follower.check(log.checkpoint(size: 600).bytes)
        disk.restart()
        #expect(try Self.follower(disk).verifiedSize == 600)
        let length = try #require(disk.files[path])
        disk.corrupt(path) { $0[length - 1] ^= 0x80 }
        #expect(throws: IndelibleError.self) { try Self.follower(disk) }
        disk.corrupt(path) { $0.removeLast() }
        #expect(throws: IndelibleError.self) { try Self.follower(disk) }
    }

    /// A fault at every operation of three verified growths; afterwards nothing verified is forgotten.
    @Test(arguments: SimulatedDisk.FaultPlan.Mode.allCases, 0..<8 as Range<UInt64>)
    func survivesEveryFault(mode: SimulatedDisk.FaultPlan.Mode, seed: UInt64) throws {
        let log = try Self.log.get()
        let sizes = [0, 2, 257, 260]
        let checkpoints = try sizes.map { try log.checkpoint(size: $0).bytes }
        let last = try log.checkpoint(size: 260).checkpoint
        for operation in 0... {
            let disk = SimulatedDisk(.init(operation: operation, mode: mode), seed: seed)
            var verified = 0
            if var follower = try? Self.follower(disk) {
                for step in 1...3 {
                    guard (try? follower.read(sizes[step - 1]..<sizes[step], of: log)) != nil,
                        (try? follower.check(checkpoints[step])) != nil
                    else { break }
                    verified = step
                }
            }
            disk.powerCut()
            let fired = disk.faultFired
            disk.restart()
            var follower = try Self.follower(disk)
            let size = Int(follower.verifiedSize)
            #expect(size == sizes[verified] || size == sizes[min(verified + 1, 3)], "fault at \(operation)")
            try follower.read(size..<260, of: log)
            #expect(try follower.check(checkpoints[3]) == .verified(last))
            guard fired else { return }
        }
    }
}

extension LogFollower {
    fileprivate mutating func read(_ range: Range<Int>, of log: SampleLog) throws {
        let batch = log.batch(range)
        try self.read(batch.ranges, of: batch.bytes.span, first: UInt64(range.lowerBound))
    }
}
