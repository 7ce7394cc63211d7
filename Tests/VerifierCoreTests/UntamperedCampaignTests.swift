import Foundation
import Primitives
import Simulation
import Storage
import Testing
import TransparencyLog
import VerifierCore

/// Goal: a log that nobody tampered with raises no alarm, whatever happens to whoever watches it: as many runs as the
/// campaign has tamperings.
///
/// Method: small logs that grow, and a follower and a witness on a simulated disk that is cut off, killed or fails once in
/// each run, restarts, goes on, and reads everything again. INDELIBLE_SEED and INDELIBLE_CASES choose others.
@Suite struct UntamperedCampaignTests {
    private static let worldCount = 20
    private static let size = 300

    private static func number(_ name: String, otherwise value: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? value
    }

    private static let caseCount = Self.number("INDELIBLE_CASES", otherwise: 100_000)
    private static let seed = UInt64(Self.number("INDELIBLE_SEED", otherwise: 1))

    /// A log and its checkpoints, made once.
    private struct World {
        let log: SampleLog
        let key: VerifierKey
        /// Sizes in order, and the signed checkpoint of each.
        let checkpoints: [(size: Int, bytes: [UInt8])]

        init(_ random: inout SplitMix64) throws {
            self.log = try SampleLog(size: UntamperedCampaignTests.size)
            self.key = try SampleLog.signer.verifierKey
            var sizes: Set<Int> = [1, 255, 256, 257, UntamperedCampaignTests.size]
            for _ in 0..<12 { sizes.insert(Int.random(in: 1...UntamperedCampaignTests.size, using: &random)) }
            self.checkpoints = try sizes.sorted().map { [log] size in (size, try log.checkpoint(size: size).bytes) }
        }
    }

    @Test(arguments: 0..<worldCount) func raisesNoAlarm(world: Int) throws {
        var random = SplitMix64(seed: Self.seed &* 999_983 &+ UInt64(world))
        let scene = try World(&random)
        for number in 0..<Self.caseCount / Self.worldCount {
            try Self.run(scene, &random, "seed \(Self.seed), world \(world), run \(number)")
        }
    }

    /// A follower's life: some growth, an end in the middle of it, and a second life on what is left.
    private static func run(_ world: World, _ random: inout SplitMix64, _ comment: Comment) throws {
        let modes = SimulatedDisk.FaultPlan.Mode.allCases
        let mode = modes[Int.random(in: modes.indices, using: &random)]
        let plan = SimulatedDisk.FaultPlan(operation: Int.random(in: 0..<30, using: &random), mode: mode)
        let disk = SimulatedDisk(plan, seed: random.next())
        let start = Int.random(in: 0..<world.checkpoints.count - 1, using: &random)
        var seen = 0
        if var follower = try? LogFollower(key: world.key, files: disk, directory: "follow") {
            for (size, note) in world.checkpoints[start..<start + 1] {
                guard (try? Self.read(&follower, to: size, of: world.log, &random)) != nil,
                    let outcome = try? follower.check(note)
                else { break }
                guard case .verified(let checkpoint) = outcome else {
                    Issue.record("\(outcome): \(comment)")
                    return
                }
                seen = Int(checkpoint.size)
            }
        }
        // A kill leaves what was written, a power cut what was synced.
        if random.next() % 2 == 0 || disk.faultFired { disk.powerCut() }
        disk.restart()
        var follower = try LogFollower(key: world.key, files: disk, directory: "follow")
        defer { follower.close() }
        #expect(follower.verifiedSize >= UInt64(seen), comment)
        let (size, note) = world.checkpoints[start + 1]
        try Self.read(&follower, to: size, of: world.log, &random)
        guard case .verified = try follower.check(note) else {
            Issue.record("the checkpoint of \(size): \(comment)")
            return
        }
        let again = world.log.batch(0..<size)
        #expect(try follower.reread(again.ranges, of: again.bytes.span, first: 0) == nil, comment)
    }

    private static func read(
        _ follower: inout LogFollower,
        to size: Int,
        of log: SampleLog,
        _ random: inout SplitMix64,
    ) throws {
        while follower.next < UInt64(size) {
            let next = Int(follower.next)
            let batch = log.batch(next..<min(size, next + Int.random(in: 1...300, using: &random)))
            try follower.read(batch.ranges, of: batch.bytes.span, first: UInt64(next))
        }
    }
}
