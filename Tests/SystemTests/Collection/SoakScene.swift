import AuditModel
import Foundation
import Glibc
import IndelibleClient
import Primitives
import ServiceProtocol

/// A ledger, a collector and everybody who sends, whose parts stop, die and fill up.
actor SoakScene {
    /// What was said of each event.
    struct Account: Sendable {
        var sent: Set<String> = []
        var safe: Set<String> = []
        var refused: Set<String> = []
        /// Sent by syslog, which has no answers.
        var unanswered: Set<String> = []
        /// Senders that were told that the spool is full.
        var toldFull: Set<String> = []
        /// Attempts that had to be repeated.
        var repeatCount = 0
    }

    /// The smallest spool that can be had.
    private static let arguments = [
        "--spool-megabytes", "1", "--otlp", "127.0.0.1:0", "--syslog-tcp", "127.0.0.1:0", "--syslog-udp", "127.0.0.1:0",
        "--github-secret",
    ]
    private static let ledgerFile = "ledger-of-soak.json"
    /// How long a sender insists.
    private static let patience = Duration.seconds(90)

    private let directory: TestDirectory
    private(set) var ledger: TestLedger
    private(set) var ingest: HTTPIngest
    private var tail: Program
    private(set) var account = Account()
    /// Senders that have not sent everything of this round.
    private var openCount = 0

    init() async throws {
        let directory = try TestDirectory()
        try directory.write(Array(SoakSender.secret.utf8), to: "secret")
        try directory.write([], to: "app.log")
        self.directory = directory
        self.ledger = try await Self.startLedger(in: directory)
        let ingest = try await Self.startIngest(in: directory)
        self.ingest = ingest
        self.tail = try Self.follow(ingest, in: directory)
    }

    private static func startLedger(in directory: TestDirectory) async throws -> TestLedger {
        let ledger = try await TestLedger.start(in: directory)
        try directory.write(directory.read(ledger.readyFile) ?? [], to: Self.ledgerFile)
        return ledger
    }

    private static func startIngest(in directory: TestDirectory) async throws -> HTTPIngest {
        try await HTTPIngest.start(
            in: directory,
            ledger: "@" + directory.path(Self.ledgerFile),
            Self.arguments + [directory.path("secret")],
        )
    }

    private static func follow(
        _ ingest: HTTPIngest,
        in directory: TestDirectory,
        _ more: [String] = [],
    ) throws -> Program {
        try Program(
            Program.ours("indelible"),
            ["tail-file", "--ingest", ingest.others["rpc"] ?? "", "--state", directory.path("state")] + more
                + [directory.path("app.log")],
            in: directory,
        )
    }

    // MARK: - Faults

    func stopLedger(_ signal: Int32) async throws { try await self.ledger.stop(signal) }

    func startLedger() async throws { self.ledger = try await Self.startLedger(in: self.directory) }

    /// Its next life listens elsewhere: whoever follows a file is killed too, and goes on there.
    func killIngest() async throws {
        try await self.ingest.program.stop(SIGKILL)
        try await self.tail.stop(SIGKILL)
        self.ingest = try await Self.startIngest(in: self.directory)
        self.tail = try Self.follow(self.ingest, in: self.directory)
    }

    /// Waits until so many more events are told to be safe, or everybody is done.
    func progress(_ count: Int) async throws {
        let goal = self.account.safe.count + count
        try await eventually("\(count) more events are safe") {
            self.account.safe.count >= goal || self.openCount == 0 ? () : nil
        }
    }

    /// Waits until so many senders were told that the spool is full, anew.
    func spoolIsFull(toldTo count: Int) async throws {
        self.account.toldFull = []
        try await eventually("the spool is full") { self.account.toldFull.count >= count ? () : nil }
    }

    // MARK: - Senders

    func begin(senders: Int) { self.openCount = senders }

    func senderIsDone() { self.openCount -= 1 }

    /// Sends a batch until it is answered.
    func deliver(_ sender: SoakSender, _ batch: SoakBatch) async throws {
        self.account.sent.formUnion(batch.names)
        let deadline = ContinuousClock.now + Self.patience
        while true {
            let answer: SoakSender.Answer
            do {
                answer = try await sender.send(self.ingest, batch)
            } catch let unexpected as Unexpected {
                throw Unexpected("\(sender.name), batch \(batch.number): \(unexpected)")
            } catch {
                answer = .again(reason: "\(error)")
            }
            switch answer {
            case .told(let refused):
                self.account.safe.formUnion(Set(batch.names).subtracting(refused))
                self.account.refused.formUnion(refused)
                return
            case .again(let reason):
                self.account.repeatCount += 1
                if reason.contains("spool is full") { self.account.toldFull.insert(sender.name) }
                guard ContinuousClock.now < deadline else {
                    throw Unexpected("\(sender.name) gives up on batch \(batch.number): \(reason)")
                }
            }
            await after(microseconds: 20_000)
        }
    }

    /// Sends syslog messages over `tcp` or `udp`, one of each name.
    func syslog(_ transport: String, _ names: [String]) async throws {
        self.account.unanswered.formUnion(names)
        let port = self.ingest.others["syslog_\(transport)"]?.split(separator: ":").last ?? ""
        let script = """
            exec 3>/dev/\(transport)/127.0.0.1/\(port) || exit 0
            for name in \(names.joined(separator: " ")); do printf '<13>1 - h %s - - - step\\n' "$name" >&3 || exit 0; done
            """
        _ = try await Program.run("bash", ["-c", script], in: self.directory)
    }

    /// Writes lines to the file that is followed.
    func write(_ names: [String], padding: String) throws {
        self.account.sent.formUnion(names)
        let lines = names.map { #"{"action":"soak.step","actor":"\#($0)","note":"\#(padding)"}"# + "\n" }
        let handle = try FileHandle(forWritingTo: URL(filePath: self.directory.path("app.log")))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(lines.joined().utf8))
        try handle.close()
    }

    // MARK: - The end

    /// Has everything delivered that can be, `expected` too.
    ///
    /// - Returns: how often each name is in the log.
    func settle(with expected: [String]) async throws -> [String: Int] {
        try await self.tail.stop(SIGINT)
        let rest = try await Self.follow(self.ingest, in: self.directory, ["--once"]).result()
        guard rest.status == 0 else { throw Unexpected("not every line of the file is taken: \(rest)") }
        let client = IngestClient(
            try ServiceAddress(parsing: self.ingest.others["rpc"] ?? ""),
            software: "system-tests",
            retry: .none,
        )
        let counts = try await eventually("all is in the log") { () -> [String: Int]? in
            guard try await client.status().spooledBatches == 0 else { return nil }
            let counts = try await self.ledger.events().reduce(into: [:]) { $0[$1.actor.id, default: 0] += 1 }
            return expected.allSatisfy { counts[$0] != nil } ? counts : nil
        }
        await client.close()
        return counts
    }

    /// Lines of the file of refusals.
    var keptRefusals: Int {
        let bytes = self.directory.read("ingest/rejected/rejected.jsonl") ?? []
        return bytes.count { $0 == UInt8(ascii: "\n") }
    }

    func stop() async throws {
        try await self.ingest.program.stop()
        try await self.ledger.stop()
    }
}
