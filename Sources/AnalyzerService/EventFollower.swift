import AnalyzerCore
import AuditModel
import Logging
import Platform
import Primitives
import ProtobufC
import ServiceKit
import ServiceLifecycle
import ServiceProtocol
import Transport

/// Reads the events of this analyzer's slots as they become durable, and appends their verdicts.
struct EventFollower: Service {
    private static let retry = Duration.milliseconds(500)
    private static let callDeadline = Duration.seconds(30)
    /// Calls under way at once while the slots' progress is asked for.
    private static let callsMax = 64

    let origin: String
    /// Resolved again at each connection.
    let ledger: PeerAddress
    /// `nil` for plain TCP.
    let tls: TLSSettings?
    let slots: SlotRange
    let model: AnalyzerModel
    /// This process's start, in nanoseconds since the Unix epoch: of two analyzers with one slot, the later one wins.
    let epoch: UInt64
    let metrics: AnalyzerMetrics
    let logger: Logger

    /// What outlives a connection.
    private struct Work {
        var stream: VerdictStream
        /// Sent, but not answered: the ledger may have it, and recognises it when it is sent again.
        var unanswered: VerdictRequest?
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var work: Work?
            while !Task.isCancelled {
                do {
                    try await self.follow(&work)
                } catch {
                    let code = (error as? IndelibleError)?.code
                    // Somebody else has appended verdicts of these slots: find out how far they are.
                    if code == .aborted || code == .dataLoss || code == .outOfRange { work = nil }
                    self.logger.info("not connected to the ledger", metadata: ["reason": "\(error)"])
                }
                self.metrics.connected.set(0)
                // The ledger restarts, or is not up yet; ask again until it is.
                try? await Task.sleep(for: Self.retry)
            }
        }
    }

    /// One connection, until something on it ends.
    private func follow(_ work: inout Work?) async throws {
        let endpoint = try self.ledger.resolve()
        let client = try await RPCClient.connect(
            RPCClient.Configuration(
                host: endpoint.host,
                port: endpoint.port,
                tls: self.tls,
                software: Software.name("analyzer"),
            )
        )
        self.metrics.connected.set(1)
        do {
            var current = if let work { work } else { try await self.begin(client) }
            // Held once, so that its tables are changed in place.
            work = nil
            defer { work = current }
            try await self.append(&current, client)
            self.logger.info(
                "following",
                metadata: ["ledger": "\(endpoint)", "from": "\(current.stream.next)", "slots": "\(self.slots)"],
            )
            try await self.read(&current, client)
        } catch {
            await client.close()
            throw error
        }
        await client.close()
    }

    /// Asks the ledger where each slot goes on.
    private func begin(_ client: RPCClient) async throws -> Work {
        self.metrics.restarts.add()
        let progress = try await withThrowingTaskGroup(of: (UInt8, UInt64).self) { group in
            var progress: [UInt8: UInt64] = [:]
            for slot in self.slots.range {
                if Int(slot - self.slots.range.lowerBound) >= Self.callsMax, let (slot, next) = try await group.next() {
                    progress[slot] = next
                }
                group.addTask { (slot, try await self.progress(of: slot, client)) }
            }
            for try await (slot, next) in group { progress[slot] = next }
            return progress
        }
        return Work(stream: VerdictStream(model: self.model, progress: progress))
    }

    /// - Returns: the index of the last event with a verdict, plus one; 0 when there is none.
    private func progress(of slot: UInt8, _ client: RPCClient) async throws -> UInt64 {
        let request = GetProducerRequest(id: try VerdictStream.producerID(self.model, slot: slot))
        let answer = try await client.call(
            LedgerMethods.getProducer,
            request.serialized,
            log: self.origin,
            deadline: Self.callDeadline,
        )
        let status = try ProducerStatus(serialized: answer)
        return status.known ? status.lastSequence : 0
    }

    private func read(_ work: inout Work, _ client: RPCClient) async throws {
        let request = ReadEntriesRequest(
            from: work.stream.next,
            follow: true,
            kinds: EntryKindSet([.event]),
            slots: SlotSet(self.slots.range),
        )
        var view = EntryBatchView()
        for try await payload in client.stream(LedgerMethods.readEntries, request.serialized, log: self.origin) {
            try view.read(payload.span)
            let before = work.stream.counts
            for item in view.items {
                try work.stream.take(index: item.index, slot: item.slot, entry: Array(payload[item.entry]))
                if work.stream.isFull { try await self.append(&work, client) }
            }
            let after = work.stream.counts
            self.metrics.scored.add(after.scored - before.scored)
            self.metrics.remembered.add(after.remembered - before.remembered)
            self.metrics.unreadable.add(after.unreadable - before.unreadable)
            try await self.append(&work, client)
            self.metrics.next.set(view.next)
            self.metrics.lag.set(view.durableSize - min(view.next, view.durableSize))
        }
    }

    /// Appends what was sent without an answer, then what is pending.
    private func append(_ work: inout Work, _ client: RPCClient) async throws {
        if let request = work.unanswered { try await self.send(request, client) }
        work.unanswered = nil
        guard work.stream.pendingCount > 0 else { return }
        let request = try VerdictRequest(
            work.stream.takeBatches(),
            model: self.model,
            epoch: self.epoch,
            now: SystemClock.wallNanoseconds,
        )
        work.unanswered = request
        try await self.send(request, client)
        work.unanswered = nil
    }

    private func send(_ request: VerdictRequest, _ client: RPCClient) async throws {
        let started = SystemClock.monotonicNanoseconds
        _ = try await client.call(
            LedgerMethods.append,
            request.bytes,
            log: self.origin,
            deadline: Self.callDeadline,
        )
        self.metrics.appendTime.record(nanoseconds: SystemClock.monotonicNanoseconds - started)
        self.metrics.appended.add(UInt64(request.entryCount))
    }
}
