import Primitives
import Simulation
import Storage
import Testing
import TransparencyLog
import VerifierCore

/// Goal: what a release before this one remembers is neither forgotten nor taken for another log's, whenever the move ends.
@Suite struct FollowDirectoryTests {
    private static let size = 260

    /// A directory as the first releases wrote it.
    private static func old(_ plan: SimulatedDisk.FaultPlan? = nil) throws -> (disk: SimulatedDisk, log: SampleLog) {
        let log = try SampleLog(size: Self.size)
        let disk = SimulatedDisk()
        var follower = try LogFollower(key: SampleLog.signer.verifierKey, files: disk, directory: "follow")
        let batch = log.batch(0..<Self.size)
        try follower.read(batch.ranges, of: batch.bytes.span, first: 0)
        guard case .verified = try follower.check(log.checkpoint(size: Self.size).bytes) else {
            throw IndelibleError(.internal, "the sample log is not verified")
        }
        follower.close()
        disk.restart(plan)
        return (disk, log)
    }

    private static func expectKnown(_ disk: SimulatedDisk, _ log: SampleLog, _ comment: Comment? = nil) throws {
        let follower = try LogFollower(
            key: SampleLog.signer.verifierKey,
            files: disk,
            directory: FollowDirectory.path(of: "abc"),
        )
        #expect(follower.verifiedSize == UInt64(Self.size), comment)
        #expect(try follower.root(size: 257) == log.root(size: 257), comment)
        follower.close()
    }

    @Test func isMoved() throws {
        let (disk, log) = try Self.old()
        #expect(try FollowDirectory.migrate(disk, to: ["abc"]))
        try Self.expectKnown(disk, log)
        #expect(try !disk.exists("follow/checkpoint"))
        #expect(try !FollowDirectory.migrate(disk, to: ["abc"]))
    }

    @Test func isNotMovedWhereItMayBeAnotherLogs() throws {
        for hashes in [[], ["abc", "def"]] {
            let (disk, _) = try Self.old()
            let error = #expect(throws: IndelibleError.self) { try FollowDirectory.migrate(disk, to: hashes) }
            #expect(error?.code == .failedPrecondition && error?.message.contains("--log") == true)
        }
        let (disk, log) = try Self.old()
        try disk.write("follow/abc/checkpoint", log.checkpoint(size: 3).bytes)
        #expect(throws: IndelibleError.self) { try FollowDirectory.migrate(disk, to: ["abc"]) }
        #expect(try !FollowDirectory.migrate(SimulatedDisk(), to: []))
    }

    @Test(arguments: SimulatedDisk.FaultPlan.Mode.allCases) func survivesEveryFault(
        mode: SimulatedDisk.FaultPlan.Mode
    ) throws {
        for operation in 0... {
            let (disk, log) = try Self.old(.init(operation: operation, mode: mode))
            _ = try? FollowDirectory.migrate(disk, to: ["abc"])
            disk.powerCut()
            let fired = disk.faultFired
            disk.restart()
            try FollowDirectory.migrate(disk, to: ["abc"])
            try Self.expectKnown(disk, log, "fault at \(operation), \(mode)")
            guard fired else { return }
        }
    }
}
