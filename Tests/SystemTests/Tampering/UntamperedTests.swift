import AuditModel
import Glibc
import IndelibleClient
import LedgerCore
import Platform
import Primitives
import ServiceProtocol
import Simulation
import Storage
import Testing
import TransparencyLog
import VerifierCore

extension RealProcesses {
    /// Goal: crashes and restarts raise no alarm, however often and whenever they come.
    ///
    /// Method: real processes are killed while they work; and the files of a log are copied after each step of its engine, as
    /// a crash would leave them. INDELIBLE_SEED and INDELIBLE_TAMPERINGS choose others.
    struct Untampered {
        static let killCount = 8 * Tampering.roundCount
        static let imageCount = 460 * Tampering.roundCount

        @Test func killedProcessesRaiseNoAlarm() async throws {
            let directory = try TestDirectory()
            var random = SplitMix64(seed: Tampering.seed)
            var producer = TestProducer("kills")
            var key: VerifierKey?
            for _ in 0..<Self.killCount {
                let ledger = try await TestLedger.start(in: directory, TamperScene.options)
                let logKey = try await ledger.key
                key = logKey
                let verifier = try TestVerifier(of: ledger, key: logKey, in: directory, ["--rescan-seconds", "1"])
                for _ in 0..<random.next() % 4 + 1 { _ = try await ledger.client.append(producer.batch(211).request) }
                await after(microseconds: Int(random.next() % 50_000))
                try await ledger.stop(SIGKILL)
                try await verifier.program.stop(SIGKILL)
                #expect(verifier.findings == "")
                var findings: [LogFinding] = []
                let files = try PosixFileSystem(root: directory.path("ledger"))
                _ = try LogCheck(files, key: key).run { findings.append($0) }
                #expect(findings == [])
            }
            let ledger = try await TestLedger.start(in: directory, TamperScene.options)
            let verifier = try TestVerifier(of: ledger, key: try #require(key), in: directory)
            try await producer.grow(ledger, to: try await ledger.client.status().durableSize + 1)
            let size = try await ledger.checkpoint().checkpoint.size
            try await verifier.waitUntilVerified(Int(size))
            #expect(verifier.findings == "")
            try await verifier.program.stop()
            try await ledger.stop()
        }

        @Test func crashImagesRaiseNoAlarm() throws {
            let directory = try TestDirectory()
            let origin = try TamperCopy(empty: directory)
            var random = SplitMix64(seed: Tampering.seed)
            let writer = try CrashingLog(origin)
            for number in 0..<Self.imageCount {
                try writer.step(&random)
                let image = try TamperCopy(of: origin.name, in: directory, sharing: false)
                var findings: [LogFinding] = []
                let files = try PosixFileSystem(root: image.path + "/ledger")
                _ = try LogCheck(files, key: CrashingLog.signer().verifierKey).run { findings.append($0) }
                #expect(findings == [], "image \(number), seed \(Tampering.seed)")
                try CrashingLog.expectNoAlarm(image, size: writer.publishedSize)
                try image.remove()
            }
            writer.log.close()
        }
    }
}

/// A log with tiny segments that is looked at in the middle of its work, and its follower.
private final class CrashingLog {
    static let origin = "log.example/crashes"

    let log: Log
    private let publisher: CheckpointPublisher
    private var follower: LogFollower
    private var nextSequence: UInt64 = 1
    private(set) var publishedSize: UInt64 = 0

    static func signer() throws -> NoteSigner {
        try NoteSigner(name: Self.origin, type: .ed25519, seed: [UInt8](repeating: 7, count: 32))
    }

    static var configuration: LogConfiguration {
        var configuration = LogConfiguration(origin: Self.origin)
        configuration.segmentEntryCount = 16
        configuration.journalFileByteCount = 1 << 15
        configuration.unsealedSegmentCountMax = 32
        return configuration
    }

    init(_ place: TamperCopy) throws {
        let files = try PosixFileSystem(root: place.path + "/ledger", create: true)
        self.log = try Log(on: files, configuration: Self.configuration, salt: Array(1...16), now: 1)
        self.publisher = try CheckpointPublisher(self.log, signer: Self.signer())
        self.follower = try LogFollower(
            key: Self.signer().verifierKey,
            files: PosixFileSystem(root: place.path),
            directory: TestVerifier.memory,
        )
    }

    /// One of the things that threads of a ledger and of a verifier do.
    func step(_ random: inout SplitMix64) throws {
        switch random.next() % 6 {
        case 0, 1: try self.stage(Int.random(in: 1...20, using: &random))
        case 2: while try self.log.committer.commit(at: 2) != nil {}
        case 3: _ = try self.log.sealer.seal()
        case 4:
            _ = try self.publisher.publish()
            self.publishedSize = self.publisher.current?.checkpoint.size ?? 0
        default:
            try Self.follow(self.log, &self.follower)
            guard let note = self.publisher.current?.bytes else { return }
            #expect(try self.follower.check(note) == .verified(SignedCheckpoint(parsing: note).checkpoint))
        }
    }

    /// What starts again on the files of a crash finds nothing wrong.
    static func expectNoAlarm(_ image: TamperCopy, size: UInt64) throws {
        let files = try PosixFileSystem(root: image.path + "/ledger")
        let log = try Log(on: files, configuration: Self.configuration, salt: Array(1...16), now: 1)
        defer { log.close() }
        #expect(log.reader.size >= size)
        var follower = try LogFollower(
            key: Self.signer().verifierKey,
            files: PosixFileSystem(root: image.path),
            directory: TestVerifier.memory,
        )
        let seen = follower.verifiedSize
        try Self.follow(log, &follower)
        var next: UInt64 = 0
        while let run = try log.reader.entries(from: next, to: seen) {
            #expect(try follower.reread(run.ranges, of: run.bytes.span, first: next) == nil)
            next = run.end
        }
        guard let note = try files.readAll("checkpoint", byteCountMax: SignedNote.byteCountMax) else { return }
        #expect(try follower.check(note) == .verified(SignedCheckpoint(parsing: note).checkpoint))
    }

    private static func follow(_ log: Log, _ follower: inout LogFollower) throws {
        while let run = try log.reader.entries(from: follower.next) {
            try follower.read(run.ranges, of: run.bytes.span, first: run.first)
        }
    }

    private func stage(_ count: Int) throws {
        var bytes: [UInt8] = []
        var items: [AppendBatch.Item] = []
        for position in 0..<count {
            let entry = Array("entry \(self.nextSequence + UInt64(position))".utf8)
            items.append(.init(offset: UInt32(bytes.count), byteCount: UInt32(entry.count), kind: 3))
            bytes += entry
        }
        let id = try #require(ProducerID([1]))
        let producer = AppendBatch.Producer(id: id, epoch: 1, firstSequence: self.nextSequence)
        let batch = AppendBatch(producers: [producer], items: items)
        let outcome = try unsafe bytes.withUnsafeBytes { try unsafe self.log.stage.stage(batch, from: $0) }
        if case .staged = outcome { self.nextSequence += UInt64(count) }
    }
}
