import AnalyzerCore
import AuditModel
import Cryptography
import Foundation
import Glibc
import IndelibleClient
import Primitives
import ProtobufC
import ServiceProtocol
import SigmaRules
import Simulation
import Testing

extension RealProcesses {
    /// Goal: each event gets exactly one verdict, the one that a single undisturbed analyzer gives, whatever befalls
    /// analyzers and ledger; and each hit of a rule is told exactly once.
    ///
    /// Method: actors of whom one makes half of all events; while events come in, analyzers are started, stopped, killed,
    /// paused for longer than their leases and resumed, and the ledger is killed, as a seed says. INDELIBLE_MOVES and
    /// INDELIBLE_SEED choose others.
    struct SlotMoves {
        static let moveCount = Environment.number("INDELIBLE_MOVES", otherwise: 16)
        static let seed = UInt64(Environment.number("INDELIBLE_SEED", otherwise: 1))
        static let batchesPerMove = 12

        @Test func eachEventIsJudgedOnce() async throws {
            let directory = try TestDirectory()
            var random = SplitMix64(seed: Self.seed)
            var crowd = AnalyzerCrowd(directory)
            var source = ZipfSource(seed: Self.seed)
            var ledger = try await crowd.startLedger()
            try await crowd.add()
            for move in 0..<Self.moveCount {
                for _ in 0..<Self.batchesPerMove { _ = try await ledger.client.append(source.batch(50)) }
                if move == Self.moveCount / 2 {
                    try await ledger.stop(SIGKILL)
                    ledger = try await crowd.startLedger()
                } else {
                    try await crowd.disturb(&random)
                }
            }
            try await crowd.resumeAll()
            let client = ledger.client
            let judged = try await eventually("a verdict for each of \(source.count) events") {
                let judged = try await JudgedLog.read(client)
                return judged.verdicts.count >= source.count ? judged : nil
            }
            #expect(judged.repeated.isEmpty, "judged twice: \(judged.repeated.prefix(5))")
            let expected = try judged.expected()
            #expect(judged.verdicts.count == expected.count)
            let different = expected.keys.filter { judged.verdicts[$0] != expected[$0] }.sorted()
            #expect(different.isEmpty, "not what one analyzer says: \(different.prefix(5))")
            #expect(crowd.moves.count > 3, "nothing happened: \(crowd.moves)")

            let expectedHits = try judged.expectedHits()
            #expect(expectedHits.values.contains { $0.rules.contains { !$0.events.isEmpty } }, "no correlation")
            let hits = try await eventually("\(expectedHits.count) hits") {
                let hits = try await JudgedLog.read(client).hits
                return hits.count >= expectedHits.count ? hits : nil
            }
            let differentHits = Set(hits.keys).union(expectedHits.keys).filter { hits[$0] != expectedHits[$0] }.sorted()
            #expect(differentHits.isEmpty, "not the hits of one analyzer: \(differentHits.prefix(5))")

            // Everybody who is left has a share, and says so.
            let running = crowd.runningCount
            let holders = try await eventually("even shares") {
                let holders = try await client.slotHolders().holders
                return holders.count == running && holders.allSatisfy { $0.slots.count >= 256 / running }
                    ? holders : nil
            }
            #expect(holders.reduce(0) { $0 + $1.slots.count } == 256)
            let size = try await client.status().durableSize
            try await crowd.stopAll()
            #expect(try await client.status().durableSize == size, "idle analyzers append nothing, nor when they stop")
            #expect(try await client.slotHolders().holders.isEmpty, "who stops in order gives its slots back")
            try await ledger.stop()
        }
    }
}

/// Analyzer processes of one ledger, and what is done to them.
private struct AnalyzerCrowd {
    private static let countMax = 4
    /// Short, so that a paused analyzer loses its slots within the test.
    private static let leaseMilliseconds = "500"
    private static let addressFile = "ledger-now.json"
    private static let rules = """
        title: A secret was read
        id: read
        logsource: {product: okta, service: okta}
        detection: {s: {eventType: secret.read}, condition: s}
        ---
        title: A login failed
        id: failed
        logsource: {product: okta, service: okta}
        detection: {s: {eventType: login.failed}, condition: s}
        ---
        title: Four failed logins
        id: failures
        level: high
        correlation:
            type: event_count
            rules: [failed]
            group-by: [actor.id]
            timespan: 1h
            condition: {gte: 4}
        """

    private let directory: TestDirectory
    private var running: [Program] = []
    private var paused: [Program] = []
    private var started = 0
    private(set) var moves: [String] = []

    init(_ directory: TestDirectory) { self.directory = directory }

    var runningCount: Int { self.running.count }

    func startLedger() async throws -> TestLedger {
        let ledger = try await TestLedger.start(
            in: self.directory,
            ["--slot-lease-milliseconds", Self.leaseMilliseconds],
        )
        try self.directory.write(self.directory.read(ledger.readyFile) ?? [], to: Self.addressFile)
        return ledger
    }

    mutating func add() async throws {
        self.started += 1
        try self.directory.createDirectory("rules")
        try self.directory.write(Array(Self.rules.utf8), to: "rules/all.yml")
        let ready = "analyzer-\(self.started).json"
        let program = try Program(
            Program.ours("indelible-analyzer"),
            [
                "--data", self.directory.path("analyzer-\(self.started)"), "--no-lifecycle-records",
                "--ledger", "@" + self.directory.path(Self.addressFile), "--http", "127.0.0.1:0",
                "--ready-file", self.directory.path(ready), "--model", Program.inPackage("models/indelible-v1.json"),
                "--rules", self.directory.path("rules"),
            ],
            in: self.directory,
        )
        _ = try await program.ready(ready)
        self.running.append(program)
        self.moves.append("add")
    }

    mutating func disturb(_ random: inout SplitMix64) async throws {
        let choice = random.next() % 5
        guard !self.running.isEmpty, choice != 0 || self.running.count < Self.countMax else {
            return try await self.add()
        }
        let position = Int(random.next() % UInt64(self.running.count))
        switch choice {
        case 0: try await self.add()
        case 1:
            let result = try await self.running.remove(at: position).stop()
            guard result.status == 0 else { throw Unexpected("an analyzer did not stop in order: \(result)") }
            self.moves.append("stop")
        case 2:
            try await self.running.remove(at: position).stop(SIGKILL)
            self.moves.append("kill")
        case 3:
            let program = self.running.remove(at: position)
            kill(program.pid, SIGSTOP)
            self.paused.append(program)
            self.moves.append("pause")
        default:
            self.resume()
            self.moves.append("resume")
        }
    }

    private mutating func resume() {
        for program in self.paused { kill(program.pid, SIGCONT) }
        self.running += self.paused
        self.paused = []
    }

    mutating func resumeAll() async throws {
        self.resume()
        while self.running.count < 2 { try await self.add() }
    }

    mutating func stopAll() async throws {
        for program in self.running {
            let result = try await program.stop()
            guard result.status == 0 else { throw Unexpected("an analyzer did not stop in order: \(result)") }
        }
        self.running = []
    }
}

/// Events of many actors, of whom the first makes half of all, the second a quarter, and so on.
private struct ZipfSource {
    private static let actions = ["iam.user.create", "s3.object.get", "sso.session.login", "genai.converse"]

    private var random: SplitMix64
    private var producer = TestProducer("zipf")
    private(set) var count = 0
    private var sequence: UInt64 = 1

    init(seed: UInt64) { self.random = SplitMix64(seed: seed) }

    mutating func batch(_ count: Int) -> [UInt8] {
        var builder = AppendRequestBuilder(acknowledgement: .durable)
        let position = builder.append(self.producer.producer, firstSequence: self.sequence)
        let noID: [UInt8] = []
        for _ in 0..<count {
            let actor = "actor-\(min(self.random.next().leadingZeroBitCount, 9) * 10 + Int(self.random.next() % 4))"
            let entry = Entry(
                blind: (0..<16).map { _ in UInt8(truncatingIfNeeded: self.random.next()) },
                stamp: nil,
                body: .event(self.event(actor).serialized),
            ).serialized
            builder.append(
                entry: entry.span,
                kind: .event,
                slot: ActorSlot.slot(of: actor),
                producer: position,
                eventID: noID.span,
            )
        }
        self.count += count
        self.sequence += UInt64(count)
        return builder.bytes
    }

    private mutating func event(_ actor: String) -> AuditEvent {
        var event = AuditEvent()
        event.occurredNanoseconds = 1_772_438_400_000_000_000 + self.sequence * 1_000_000_000
        event.source = "test/1"
        event.format = "app.json"
        event.actor = .init(id: actor, kind: .user)
        event.action = Self.actions[Int(self.random.next() % 4)]
        event.outcome = .init(self.random.oneIn(3) ? .denied : .success, code: "AccessDenied")
        event.origin = .init(address: "10.0.0.\(self.random.next() % 40)", userAgent: "aws-cli/2.1")
        let type = ["secret.read", "login.failed", "login.failed", "page.read"][Int(self.random.next() % 4)]
        event.raw = Array(#"{"eventType":"\#(type)","actor":{"id":"\#(actor)"}}"#.utf8)
        return event
    }
}

/// What a log says of its events.
private struct JudgedLog {
    /// By event.
    var verdicts: [UInt64: Verdict] = [:]
    /// Events with more than one.
    var repeated: [UInt64] = []
    /// Of rules, by event.
    var hits: [UInt64: Verdict] = [:]
    private var rules = RuleHistory()
    private var ruleSet: Digest?
    private var events: [(index: UInt64, slot: UInt8, entry: [UInt8])] = []

    static func read(_ client: LedgerClient) async throws -> JudgedLog {
        var log = JudgedLog()
        let size = try await client.status().durableSize
        for try await batch in client.readEntries(.init(from: 0, to: size)) {
            for item in batch.view.items {
                let entry = batch.entry(item)
                switch try Entry(serialized: entry).body {
                case .event: log.events.append((item.index, item.slot, entry))
                case .rule(let record):
                    log.rules.note(record, at: item.index)
                    if record.action == RuleHistory.Action.used.rawValue { log.ruleSet = record.ruleHash }
                case .verdicts(let verdicts) where verdicts.ruleSetHash != nil:
                    for verdict in verdicts.verdicts {
                        let old = log.hits.updateValue(verdict, forKey: verdict.eventIndex)
                        if old != nil { log.repeated.append(verdict.eventIndex) }
                    }
                case .verdicts(let verdicts):
                    for verdict in verdicts.verdicts {
                        let old = log.verdicts.updateValue(verdict, forKey: verdict.eventIndex)
                        if old != nil { log.repeated.append(verdict.eventIndex) }
                    }
                default: break
                }
            }
        }
        return log
    }

    /// What the rules say, as the log has them.
    func expectedHits() throws -> [UInt64: Verdict] {
        guard let hash = self.ruleSet, let start = self.rules.start(of: hash) else {
            throw Unexpected("the log does not say that rules are used")
        }
        let set = try self.rules.set(hash)
        var states: [UInt8: RuleState] = [:]
        var expected: [UInt64: Verdict] = [:]
        for event in self.events where event.index >= start {
            guard case .event(let bytes) = try Entry(serialized: event.entry).body else { continue }
            expected[event.index] = try RuleJudge.verdict(
                set,
                index: event.index,
                leafHash: LeafHash.hash(event.entry),
                AuditEvent(serialized: bytes),
                &states[event.slot, default: RuleState()],
            )
        }
        return expected
    }

    /// What one analyzer says that nothing disturbs.
    func expected() throws -> [UInt64: Verdict] {
        let file = try Data(contentsOf: URL(filePath: Program.inPackage("models/indelible-v1.json")))
        let model = try AnalyzerModel(Array(file))
        let slots = Dictionary(uniqueKeysWithValues: (0...UInt8.max).map { ($0, UInt64(0)) })
        var stream = VerdictStream(model: model, progress: slots)
        var expected: [UInt64: Verdict] = [:]
        for event in self.events {
            try stream.take(index: event.index, slot: event.slot, entry: event.entry)
            for batch in stream.isFull ? stream.takeBatches() : [] {
                for verdict in batch.verdicts.verdicts { expected[verdict.eventIndex] = verdict }
            }
        }
        for batch in stream.takeBatches() {
            for verdict in batch.verdicts.verdicts { expected[verdict.eventIndex] = verdict }
        }
        return expected
    }
}
