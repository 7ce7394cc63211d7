package import Logging
import Platform
import Primitives
import ProtobufC
package import ServiceKit
import ServiceLifecycle
import ServiceProtocol
package import Transport
import VerifierCore

/// Keeps a connection to the ledger and reads from it all there is, for as long as the process lives.
package struct LedgerReader: Service {
    private static let retry = Duration.milliseconds(500)
    /// How long a checkpoint may wait for its entries before the connection is given up.
    private static let patience = Duration.seconds(60)
    /// How often it is asked whether a rescan is due.
    private static let rescanCheck = Duration.seconds(1)

    /// Batches that are not as they were, after which reading the log again says no more.
    private static let differingBatchCountMax = 16

    private let origin: String
    private let ledger: PeerAddress
    private let tls: TLSSettings?
    private let rescan: Duration?
    private let rescanRate: Int
    private let watch: LogWatch
    private let metrics: VerifierMetrics
    private let logger: Logger

    /// - Parameters:
    ///   - origin: The log to ask for.
    ///   - ledger: Resolved again at each connection.
    ///   - tls: `nil` for plain TCP.
    ///   - rescan: Time between two readings of the whole log; `nil` for never.
    ///   - rescanRate: Bytes a second that such a reading may take; 0 for as many as there are.
    ///   - watch: What takes in all that is read.
    ///   - metrics: Of this process.
    ///   - logger: Of this process.
    package init(
        origin: String,
        ledger: PeerAddress,
        tls: TLSSettings?,
        rescan: Duration?,
        rescanRate: Int = 0,
        watch: LogWatch,
        metrics: VerifierMetrics,
        logger: Logger,
    ) {
        self.origin = origin
        self.ledger = ledger
        self.tls = tls
        self.rescan = rescan
        self.rescanRate = rescanRate
        self.watch = watch
        self.metrics = metrics
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await self.follow()
                } catch {
                    guard !Task.isCancelled else { break }
                    await self.watch.failed()
                    self.logger.info("not connected to the ledger", metadata: ["reason": "\(error)"])
                }
                self.metrics.connected.set(0)
                // The ledger restarts, or is not up yet; ask again until it is.
                try? await Task.sleep(for: Self.retry)
            }
        }
    }

    /// One connection, until something on it ends.
    private func follow() async throws {
        let endpoint = try self.ledger.resolve()
        let client = try await RPCClient.connect(
            RPCClient.Configuration(
                host: endpoint.host,
                port: endpoint.port,
                tls: self.tls,
                software: Software.name("verifier"),
            )
        )
        self.metrics.connected.set(1)
        await self.watch.reached()
        let next = await self.watch.next
        self.logger.info("following", metadata: ["ledger": "\(endpoint)", "from": "\(next)"])
        defer { self.metrics.connected.set(0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.readEntries(client) }
            group.addTask { try await self.watchCheckpoints(client) }
            group.addTask { try await self.readPayloads(client) }
            if let rescan { group.addTask { try await self.rescan(client, every: rescan) } }
            defer { group.cancelAll() }
            try await group.next()
        }
        await client.close()
    }

    private func readEntries(_ client: RPCClient) async throws {
        let request = ReadEntriesRequest(from: await self.watch.next, follow: true)
        do {
            for try await batch in client.stream(LedgerMethods.readEntries, request.serialized, log: self.origin) {
                try await self.watch.read(batch)
            }
        } catch let error as IndelibleError where error.code == .dataLoss {
            try await self.watch.reportUnreadable(await self.watch.next, error)
            throw error
        }
    }

    private func readPayloads(_ client: RPCClient) async throws {
        let reader = PayloadReader(
            origin: self.origin,
            bytesPerSecond: self.rescanRate,
            watch: self.watch,
            logger: self.logger,
        )
        try await reader.run(client)
    }

    private func watchCheckpoints(_ client: RPCClient) async throws {
        let request = WatchCheckpointsRequest(initial: true)
        for try await item in client.stream(LedgerMethods.watchCheckpoints, request.serialized, log: self.origin) {
            let published = try PublishedCheckpoint(serialized: item)
            var verified = try await self.watch.check(published.note)
            if verified == nil {
                await self.watch.reach(published.size, waiting: Self.patience)
                verified = try await self.watch.check(published.note)
            }
            guard verified == true else {
                // The checkpoint says that something is wrong; the entries say where.
                if await self.watch.beginContradiction() { try await self.rescan(client) }
                // Entries and checkpoint do not fit: read again what no checkpoint has covered.
                try await self.watch.rewind()
                throw IndelibleError(
                    .dataLoss,
                    "The checkpoint of size \(published.size) does not follow from the entries.",
                )
            }
        }
    }

    /// Reads everything again, from byte 0: a change in old bytes must not depend on anybody reading them.
    private func rescan(_ client: RPCClient, every interval: Duration) async throws {
        let seconds = interval / .seconds(1)
        while true {
            while await !self.watch.isRescanDue(every: seconds) {
                try await Task.sleep(for: min(interval, Self.rescanCheck))
            }
            try await self.rescan(client)
            try await Task.sleep(for: min(interval, Self.rescanCheck))
        }
    }

    /// Compares every verified entry with what it was the first time.
    private func rescan(_ client: RPCClient) async throws {
        let range = try await self.watch.beginRescan()
        let (started, size) = (SystemClock.monotonicNanoseconds, range.upperBound)
        var next = range.lowerBound
        var differing = 0
        var first: Finding.Kind?
        do {
            if next < size {
                let request = ReadEntriesRequest(from: next, to: size)
                var pace = ReadPace(bytesPerSecond: self.rescanRate)
                for try await batch in client.stream(LedgerMethods.readEntries, request.serialized, log: self.origin) {
                    let result = try await self.watch.reread(batch, at: next)
                    next = result.next
                    differing += result.finding == nil ? 0 : 1
                    first = first ?? result.finding
                    guard differing < Self.differingBatchCountMax else { return try await self.watch.endRescan(first) }
                    try await pace.wait(after: batch.count)
                }
            }
        } catch let error as IndelibleError where error.code == .dataLoss && next < size {
            try await self.watch.reportUnreadable(next, error)
            try await self.watch.endRescan(first ?? .payloadAltered)
            throw error
        }
        if next < size {
            try await self.watch.reportMissing(next)
            first = first ?? .entryMissing
        }
        try await self.watch.endRescan(first)
        guard first == nil else { return }
        let seconds = (SystemClock.monotonicNanoseconds - started) / 1_000_000_000
        self.logger.info("log read again", metadata: ["entries": "\(size)", "seconds": "\(seconds)"])
    }
}
