internal import AuditModel
internal import Cryptography
internal import Logging
internal import Platform
internal import Primitives
internal import ProtobufC
internal import ServiceProtocol

/// Makes audit events of what a service logs, and brings them to a collector, each once.
///
///     let audit = AuditLog(collectorHost: "127.0.0.1", port: 7411, source: "shop")
///     LoggingSystem.bootstrap { MultiplexLogHandler([StreamLogHandler.standardError(label: $0), audit.handler()]) }
///     …
///     logger.notice("refunded", metadata: ["action": "order.refund", "actor": "\(user)", "target": "order/42"])
///
/// ``run()`` sends; it belongs into the service's task group. Logging never waits: events queue within ``Limits``, and what
/// finds no room is counted and told of in the log.
public final class AuditLog: Sendable {
    /// What may wait here for the collector.
    public struct Limits: Sendable {
        /// Events that wait.
        public var eventCountMax = 10_000
        /// Their bytes.
        public var byteCountMax = 16 << 20
        /// Events of one call.
        public var batchCountMax = 1000

        /// The usual limits.
        public init() {}
    }

    private static let retryFirst = Duration.milliseconds(100)
    private static let retryMax = Duration.seconds(10)

    private let client: IngestClient
    private let source: String
    private let queue: AuditQueue

    /// Nothing is connected before ``run()``.
    ///
    /// - Parameters:
    ///   - collectorHost: where the collector listens for RPC.
    ///   - port: its port.
    ///   - certificates: PEM files of a certificate with the role writer; `nil` on loopback.
    ///   - source: what the events name as their source, such as the service.
    ///   - limits: of what waits.
    public convenience init(
        collectorHost: String,
        port: Int,
        certificates: ClientCertificates? = nil,
        source: String,
        limits: Limits = Limits(),
    ) {
        let address = ServiceAddress(host: collectorHost, port: port, tls: certificates?.settings)
        self.init(IngestClient(address, software: "indelible-client"), source: source, limits: limits)
    }

    package init(_ client: IngestClient, source: String, limits: Limits = Limits()) {
        self.client = client
        self.source = source
        self.queue = AuditQueue(limits)
    }

    /// For `LoggingSystem.bootstrap`, beside the handler that writes for people.
    public func handler() -> AuditLogHandler { AuditLogHandler(self) }

    /// Events that found no room since the start.
    public var droppedCount: Int { self.queue.droppedCount }

    /// Sends what comes until the task is cancelled; then what waits is tried once more.
    public func run() async {
        // A name that nobody has had: numbers begin at 1 under it.
        guard let id = try? SecureRandom.bytes(16) else { return }
        var sender = Numbering(producer: Producer(id: id, epoch: SystemClock.wallNanoseconds))
        for await _ in self.queue.arrivals { await self.drain(&sender, once: false) }
        // In a task of its own, as this one is cancelled.
        await Task { [last = sender] in
            var sender = last
            await self.drain(&sender, once: true)
            await self.client.close()
        }.value
    }

    /// An event of a log message; `nil` when the message is no audit event.
    func add(_ event: LogEvent, _ metadata: Logger.Metadata) {
        guard let id = try? SecureRandom.bytes(16) else { return self.queue.drop() }
        let now = SystemClock.wallNanoseconds
        guard let event = AuditEvent(event, metadata, source: self.source, id: id, now: now) else { return }
        self.queue.add(event.serialized)
    }

    // MARK: - Out

    /// The producer's numbers, and how many drops have been told.
    private struct Numbering {
        let producer: Producer
        var nextSequence: UInt64 = 1
        var toldDropCount = 0
    }

    /// - Parameter once: gives up when the collector does not answer.
    private func drain(_ sender: inout Numbering, once: Bool) async {
        while let events = self.queue.take() {
            let request = SubmitRequest(
                producer: sender.producer,
                firstSequence: sender.nextSequence,
                events: events,
            )
            guard await self.insist(on: request, once: once) else { return self.queue.giveBack(events) }
            sender.nextSequence += UInt64(events.count)
            await self.tell(of: self.queue.droppedCount, &sender, once: once)
        }
    }

    private func tell(of droppedCount: Int, _ sender: inout Numbering, once: Bool) async {
        guard droppedCount > sender.toldDropCount else { return }
        let count = droppedCount - sender.toldDropCount
        let record = SourceRecord(
            source: self.source,
            change: "overflow",
            detail: "\(count) events found no room while the collector was away",
        )
        let request = SubmitRequest(
            producer: sender.producer,
            firstSequence: sender.nextSequence,
            kind: .source,
            events: [record.serialized],
        )
        guard await self.insist(on: request, once: once) else { return }
        sender.nextSequence += 1
        sender.toldDropCount = droppedCount
    }

    /// - Returns: false when the collector did not take it before the task was cancelled; the same request may be sent again.
    private func insist(on request: SubmitRequest, once: Bool) async -> Bool {
        var pause = Self.retryFirst
        while true {
            do {
                let response = try await self.client.submit(request)
                for _ in response.rejected { self.queue.drop() }
                return true
            } catch let error as IndelibleError where error.code == .invalidArgument {
                // Of no use ever: the collector keeps what it refuses and counts it.
                for _ in request.events { self.queue.drop() }
                return true
            } catch {
                guard !Task.isCancelled, !once else { return false }
            }
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, Self.retryMax)
        }
    }
}
