import ArgumentParser
import Cryptography
import IndelibleClient
import NIOCore
import NIOHTTP1
import NIOPosix
import Platform
import Primitives
import ProtobufC
import ServiceKit
import ServiceProtocol
import Transport

/// Measures the ledger: `indelible load`.
struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Append made-up events, or fetch proofs, as fast as the suite goes, and measure.",
        discussion: """
            Speaks to the ledger directly, each connection as a producer of its own, or with --submit to the ingest. What is
            appended stays for ever, and to the ledger it is sealed by keys that nobody knows: use a log that is there to be
            measured.

              indelible load --data DIR --events 1000000 --size 500 --batch 1000 --connections 16
              indelible load --data DIR --submit --events 1000000
              indelible load --data DIR --proofs --events 1000000 --connections 2

            Exits 3 when a request failed; the connection that it failed on sends no more.
            """,
    )

    enum Acknowledgement: String, ExpressibleByArgument, CaseIterable {
        case durable
        case checkpointed
        case witnessed

        var level: AckLevel {
            switch self {
            case .durable: .durable
            case .checkpointed: .checkpointed
            case .witnessed: .witnessed
            }
        }
    }

    static let connectionCountMax = 1_024
    static let inFlightCountMax = 4_096

    @OptionGroup var client: ClientOptions

    @Option(help: "Events to append, over all connections.")
    var events: UInt64 = 1_000_000

    @Flag(help: "Append nothing: fetch as many inclusion proofs, of random entries under the current checkpoint.")
    var proofs = false

    @Flag(help: "Send the events to the ingest, as clients do, and not to the ledger.")
    var submit = false

    @Option(help: "Bytes of each serialised entry.")
    var size = 500

    @Option(help: "Events of an Append; 1 appends single events without a seal.")
    var batch = 1_000

    @Option(help: "Connections at once.")
    var connections = 16

    @Option(help: "Requests that each connection keeps under way. Default: 2, or 64 with --batch 1 or --proofs.")
    var inFlight: Int?

    @Flag(
        help: """
            Make and seal all events before the clock starts, so that the ledger need not share the processor with that; \
            takes the memory of all events.
            """
    )
    var prepare = false

    @Option(help: "What the ledger waits for before it answers: durable, checkpointed or witnessed.")
    var ack = Acknowledgement.durable

    @Option(help: "http://host:port of the ledger's /metrics, for its CPU time. Default: as --data says.")
    var metrics: String?

    @Flag(
        help: """
            Print {"events_per_second","p50_ms","p99_ms","ledger_cpu_ns_per_event","ingest_cpu_ns_per_event","errors"}; a CPU \
            time is null where it is not known, the ingest's is there with --submit only.
            """
    )
    var json = false

    func validate() throws {
        for (option, value, limit) in [
            ("--batch", self.batch, ProtocolLimits.eventCountMax),
            ("--size", self.size, ProtocolLimits.entryByteCountMax),
            ("--connections", self.connections, Self.connectionCountMax),
            ("--in-flight", self.inFlight ?? 1, Self.inFlightCountMax),
        ] where !(1...limit).contains(value) {
            throw ValidationError("\(option) is 1 to \(limit).")
        }
        guard self.events > 0 else { throw ValidationError("--events is at least 1.") }
        guard !(self.submit && self.proofs) else { throw ValidationError("Choose one of --submit and --proofs.") }
    }

    func run() async throws {
        try await Outcome.report {
            let address = try self.submit ? self.client.ingestAddress() : self.client.ledgerAddress()
            let metrics = try self.metrics ?? (self.client.data == nil ? nil : self.client.endpoints().tilesHTTP)
            let connections = try await self.connect(to: address)
            let before = try await Self.ledgerProcessorNanoseconds(metrics)
            let ingestBefore = await self.ingestProcessorNanoseconds()
            let (started, spent) = (SystemClock.monotonicNanoseconds, SystemClock.processProcessorNanoseconds)
            let tally = await Self.drive(connections)
            let elapsed = SystemClock.monotonicNanoseconds - started
            let spentHere = SystemClock.processProcessorNanoseconds - spent
            let after = try await Self.ledgerProcessorNanoseconds(metrics)
            let ingestAfter = await self.ingestProcessorNanoseconds()
            let report = LoadReport(
                tally: tally,
                elapsedNanoseconds: elapsed,
                ledgerProcessorNanoseconds: before.flatMap { before in after.map { $0 - min($0, before) } },
                loadProcessorNanoseconds: spentHere,
                ingestProcessorNanoseconds: ingestBefore.flatMap { before in ingestAfter.map { $0 - min($0, before) } },
            )
            Terminal.write(self.json ? report.json : report.text)
            if let error = tally.firstError { throw error }
        }
    }

    private func connect(to address: ServiceAddress) async throws -> [LoadConnection] {
        var clients: [(client: RPCClient, eventLoop: any EventLoop)] = []
        for _ in 0..<self.connections {
            let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
            let client = try await RPCClient.connect(
                .init(
                    host: address.host,
                    port: address.port,
                    tls: address.tls,
                    serverName: address.serverName,
                    software: Software.name("load"),
                    eventLoopGroup: eventLoop,
                )
            )
            clients.append((client, eventLoop))
        }
        let size = self.proofs ? try await Self.checkpointSize(clients[0].client) : 0
        let (share, rest) = self.events.quotientAndRemainder(dividingBy: UInt64(self.connections))
        let inFlightMax = self.inFlight ?? (self.batch == 1 || self.proofs ? 64 : 2)
        return try clients.enumerated().map { number, connection in
            let count = share + (UInt64(number) < rest ? 1 : 0)
            let work: any LoadWork =
                if self.proofs {
                    ProofWork(size: size, remaining: count, random: SplitMix64(seed: UInt64(number)))
                } else {
                    self.submit ? try self.prepared(self.submissions(count)) : try self.prepared(self.appends(count))
                }
            return LoadConnection(connection.client, on: connection.eventLoop, work: work, inFlightMax: inFlightMax)
        }
    }

    private func prepared(_ work: some LoadWork) throws(IndelibleError) -> any LoadWork {
        self.prepare ? try PreparedWork(work, now: SystemClock.wallNanoseconds) : work
    }

    private func submissions(_ count: UInt64) throws(IndelibleError) -> SubmitWork {
        try SubmitWork(
            entryByteCount: self.size,
            batch: self.batch,
            remaining: count,
            epoch: SystemClock.wallNanoseconds,
        )
    }

    private func appends(_ count: UInt64) throws(IndelibleError) -> AppendWork {
        let shape = LoadGenerator.Shape(
            entryByteCount: self.size,
            batch: self.batch,
            acknowledgement: self.ack.level,
        )
        let generator = try LoadGenerator(
            shape,
            seed: SecureRandom.bytes(Ed25519.seedByteCount),
            epoch: SystemClock.wallNanoseconds,
        )
        return AppendWork(generator: generator, remaining: count, batch: self.batch)
    }

    private static func checkpointSize(_ client: RPCClient) async throws -> UInt64 {
        let checkpoint = try PublishedCheckpoint(serialized: await client.call(LedgerMethods.getCheckpoint, []))
        guard checkpoint.size > 0 else {
            throw IndelibleError(.failedPrecondition, "The log is empty. Append something first: indelible load.")
        }
        return checkpoint.size
    }

    private static func drive(_ connections: [LoadConnection]) async -> LoadTally {
        await withTaskGroup(of: LoadTally.self) { group in
            for connection in connections { group.addTask { await connection.run() } }
            return await group.reduce(into: LoadTally()) { $0.merge($1) }
        }
    }

    /// CPU time that the ingests have used so far; `nil` without --submit, or where they do not say.
    private func ingestProcessorNanoseconds() async -> UInt64? {
        guard self.submit else { return nil }
        let found = await self.client.metrics(of: "ingest").compactMap {
            $0.metrics?.integer("indelible_ingest_cpu_nanoseconds_total")
        }
        return found.isEmpty ? nil : found.reduce(0, +)
    }

    /// CPU time that the ledger has used so far; `nil` without a place to ask.
    private static func ledgerProcessorNanoseconds(_ metrics: String?) async throws -> UInt64? {
        guard let metrics else { return nil }
        let url = "\(metrics)/metrics"
        let response = try await HTTPClient.request(.GET, url)
        let text = MetricsText(String(decoding: response.body, as: UTF8.self))
        guard response.status == 200, let value = text.integer("indelible_ledger_cpu_nanoseconds_total") else {
            throw IndelibleError(.failedPrecondition, "\(url) does not say what the ledger computes. Check --metrics.")
        }
        return value
    }
}
