import AuditModel
import Cryptography
import Logging
import MerkleTree
import Primitives
import ServiceKit
import ServiceProtocol
import Simulation
import Storage
import Testing
import TransparencyLog
import VerifierCore
import VerifierService

/// Goal: whenever a verifier dies, and whatever its disk does then, it starts again, has lost no finding, and cosigns
/// nothing that contradicts what it has cosigned.
///
/// Method: what a ledger shows and what witnesses are asked, as a seed says, on a simulated disk; one fault at some
/// operation, or a `kill -9` after some step; then a new verifier on what the disk kept.
@Suite struct VerifierCrashTests {
    private static let seedCount: UInt64 = 200
    /// Each seed tries one operation of so many, others than its neighbours.
    private static let operationStride = 40
    private static let killStride = 6
    private static let stepCount = 24

    @Test(arguments: SimulatedDisk.FaultPlan.Mode.allCases, 0..<seedCount as Range<UInt64>)
    func survivesFaults(mode: SimulatedDisk.FaultPlan.Mode, seed: UInt64) async throws {
        var operation = Int(seed) % Self.operationStride
        while true {
            let disk = SimulatedDisk(.init(operation: operation, mode: mode), seed: seed)
            var story = try Story(seed: seed)
            await story.tell(on: disk, steps: Self.stepCount)
            disk.powerCut()
            let fired = disk.faultFired
            disk.restart()
            try await story.end(on: disk, "fault at \(operation), \(mode), seed \(seed)")
            guard fired else { return }
            operation += Self.operationStride
        }
    }

    /// What was written is still there, synced or not.
    @Test(arguments: 0..<seedCount as Range<UInt64>) func survivesKills(seed: UInt64) async throws {
        for steps in stride(from: Int(seed) % Self.killStride, to: Self.stepCount, by: Self.killStride) {
            let disk = SimulatedDisk(seed: seed)
            var story = try Story(seed: seed)
            await story.tell(on: disk, steps: steps)
            disk.restart()
            try await story.end(on: disk, "killed after \(steps) steps, seed \(seed)")
        }
    }
}

/// A verifier without its process.
private struct Verifier {
    let board: FindingBoard
    let watch: LogWatch
    var witness: Witness

    init(on disk: SimulatedDisk) throws {
        let (metrics, logger) = (VerifierMetrics(Metrics()), Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        self.board = try FindingBoard(files: disk, metrics: metrics, logger: logger)
        self.watch = try LogWatch(
            key: Story.signer().verifierKey,
            seals: SealChecker(),
            files: disk,
            directory: "follow",
            metrics: metrics,
            board: self.board,
        )
        self.witness = try Witness(
            signer: NoteSigner(name: "witness.example/w", type: .cosignature, seed: [UInt8](repeating: 4, count: 32)),
            keys: [Story.signer().verifierKey],
            files: disk,
            directory: "witness",
        )
    }
}

/// A log of a few entries, what is done with it, and what must hold afterwards.
private struct Story {
    private static let size = 24
    private static let batchCount = 5

    private var random: SplitMix64
    /// As they were recorded.
    private let entries: [[UInt8]]
    private let leaves: [Digest]
    /// The entry that the ledger shows altered from some step on.
    private var altered: Int?
    /// Size of the last checkpoint for which a cosignature was given out.
    private var cosigned = 0
    /// Whether the finding about the altered entry was kept before anything went wrong.
    private var isFound = false
    private var time: UInt64 = 1_700_000_000

    static func signer() throws -> NoteSigner {
        try NoteSigner(name: "log.example/crash", type: .ed25519, seed: [UInt8](repeating: 3, count: 32))
    }

    init(seed: UInt64) throws {
        self.random = SplitMix64(seed: seed)
        self.entries = (0..<Self.size).map { Array("entry-\($0)".utf8) }
        self.leaves = try self.entries.map { try SHA256.hash([0], $0) }
    }

    // MARK: What happens

    /// Goes on until the steps are over, or something fails: then the process ends.
    mutating func tell(on disk: SimulatedDisk, steps: Int) async {
        do {
            var verifier = try Verifier(on: disk)
            for _ in 0..<steps { try await self.step(&verifier, disk) }
        } catch {}
    }

    private mutating func step(_ verifier: inout Verifier, _ disk: SimulatedDisk) async throws {
        let next = Int(await verifier.watch.next)
        let verified = Int(await verifier.watch.verifiedSize)
        switch self.random.next() % 6 {
        case 0, 1:
            let end = min(Self.size, next + Int.random(in: 1...Self.batchCount, using: &self.random))
            if next < end { try await verifier.watch.read(self.batch(next..<end)) }
        case 2: #expect(try await verifier.watch.check(self.checkpoint(next).bytes) == true)
        case 3:
            let size = Int.random(in: self.cosigned...max(self.cosigned, next), using: &self.random)
            self.time += 1
            let reply = verifier.witness.add(try self.request(self.cosigned, size), at: self.time)
            if reply.status == 200 { self.cosigned = size }
        case 4 where self.altered == nil && verified > 0:
            self.altered = Int.random(in: 0..<verified, using: &self.random)
        default:
            try await self.rescan(verifier.watch)
            self.isFound = self.isFound || verifier.board.entry(0) != nil && !disk.faultFired
        }
    }

    /// One reading of the whole log, or what was left of it.
    private func rescan(_ watch: LogWatch) async throws {
        let range = try await watch.beginRescan()
        var next = range.lowerBound
        var first: Finding.Kind?
        while next < range.upperBound {
            let end = min(Int(range.upperBound), Int(next) + Self.batchCount)
            let result = try await watch.reread(self.batch(Int(next)..<end), at: next)
            next = result.next
            first = first ?? result.finding
        }
        try await watch.endRescan(first)
    }

    // MARK: What must hold

    mutating func end(on disk: SimulatedDisk, _ comment: Comment) async throws {
        var verifier = try Verifier(on: disk)
        if self.isFound { #expect(verifier.board.entry(0) != nil, comment) }
        // It goes on to the end of the log, and reads it again once.
        let next = Int(await verifier.watch.next)
        if next < Self.size { try await verifier.watch.read(self.batch(next..<Self.size, honestFrom: next)) }
        #expect(try await verifier.watch.check(self.checkpoint(Self.size).bytes) == true, comment)
        try await self.rescan(verifier.watch)
        guard let altered else {
            #expect(verifier.board.entry(0) == nil, comment)
            return try self.expectNoContradiction(&verifier.witness, comment)
        }
        let line = verifier.board.entry(0)?.line
        #expect(line?.contains("\"index\":\(altered),\"kind\":\"payload-altered\"") == true, comment)
        #expect(verifier.board.entry(1) == nil, comment)
        try self.expectNoContradiction(&verifier.witness, comment)
    }

    private func expectNoContradiction(_ witness: inout Witness, _ comment: Comment) throws {
        let origin = try Self.signer().name
        let size = Int(try #require(witness.size(of: origin)))
        #expect(size >= self.cosigned, comment)
        let later = self.time + 1
        // Another history of the same size, or a smaller one.
        for other in Set([self.cosigned, size]) where other > 0 {
            var forged = self.leaves
            forged[other - 1] = .zero
            let checkpoint = try SignedCheckpoint(
                Checkpoint(origin: origin, size: UInt64(other), root: Frontier.root(of: Array(forged[..<other]))),
                signer: Self.signer(),
            )
            for old in Set([0, other, size]) where old <= other {
                let proof = try Self.consistency(old, forged[..<other], isWhole: true)
                let request = try WitnessRequest(oldSize: UInt64(old), proof: proof, checkpoint: checkpoint)
                #expect([409, 422].contains(witness.add(request, at: later).status), comment)
            }
        }
        #expect(witness.add(try self.request(size, Self.size), at: later).status == 200, comment)
    }

    // MARK: The log

    private func batch(_ range: Range<Int>, honestFrom honest: Int = .max) -> [UInt8] {
        var builder = EntryBatchBuilder()
        for index in range {
            let entry = index == self.altered && index < honest ? Array("altered".utf8) : self.entries[index]
            builder.append(index: UInt64(index), kind: .event, slot: 0, entry: entry.span)
        }
        return builder.finish(next: UInt64(range.upperBound), durableSize: UInt64(Self.size))
    }

    private func checkpoint(_ size: Int) throws -> SignedCheckpoint {
        let root = Frontier.root(of: Array(self.leaves[..<size]))
        return try SignedCheckpoint(
            Checkpoint(origin: Self.signer().name, size: UInt64(size), root: root),
            signer: Self.signer(),
        )
    }

    private func request(_ old: Int, _ new: Int) throws -> WitnessRequest {
        try WitnessRequest(
            oldSize: UInt64(old),
            proof: Self.consistency(old, self.leaves[..<new], isWhole: true),
            checkpoint: self.checkpoint(new),
        )
    }

    /// PROOF of RFC 6962, section 2.1.2.
    private static func consistency(_ old: Int, _ leaves: ArraySlice<Digest>, isWhole: Bool) throws -> [Digest] {
        guard old > 0, old <= leaves.count else { return [] }
        if old == leaves.count { return isWhole ? [] : [Frontier.root(of: Array(leaves))] }
        var split = 1
        while split * 2 < leaves.count { split *= 2 }
        let (left, right) = (leaves.prefix(split), leaves.dropFirst(split))
        return old <= split
            ? try Self.consistency(old, left, isWhole: isWhole) + [Frontier.root(of: Array(right))]
            : try Self.consistency(old - split, right, isWhole: false) + [Frontier.root(of: Array(left))]
    }
}
