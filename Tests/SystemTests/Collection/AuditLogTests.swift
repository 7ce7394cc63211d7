import AuditModel
import IndelibleClient
import Logging
import ProtobufC
import ServiceProtocol
import Testing

extension RealProcesses {
    /// Goal: what a service logs as done is in the log once, and what found no room is told of there.
    struct AuditLogs {
        private static func log(_ address: String, _ limits: AuditLog.Limits = .init()) throws -> AuditLog {
            let client = IngestClient(try ServiceAddress(parsing: address), software: "system-tests", retry: .none)
            return AuditLog(client, source: "shop", limits: limits)
        }

        private static func logger(_ log: AuditLog) -> Logger {
            var logger = Logger(label: "shop") { _ in log.handler() }
            logger[metadataKey: "region"] = "eu"
            return logger
        }

        @Test func messagesWithAnActionAreEvents() async throws {
            let directory = try TestDirectory()
            let ledger = try await TestLedger.start(in: directory)
            let ingest = try await HTTPIngest.start(in: directory, ledger: ledger.rpc)
            let audit = try Self.log(try #require(ingest.others["rpc"]))
            let logger = Self.logger(audit)
            let running = Task { await audit.run() }
            logger.info("starting")
            logger.notice(
                "done",
                metadata: [
                    "action": "order.refund", "actor": "ann", "actor_kind": "user", "target": "order/42", "n": "1",
                ],
            )
            logger.error("no funds", metadata: ["action": "order.pay", "actor": "bob"])
            logger.warning("stopped", metadata: ["action": "order.ship", "outcome": "denied"])
            for number in 0..<2500 { logger.info("x", metadata: ["action": "n\(number)"]) }
            running.cancel()
            await running.value
            let events = try await ledger.events()
            #expect(events.map(\.action) == ["order.refund", "order.pay", "order.ship"] + (0..<2500).map { "n\($0)" })
            #expect(events[0].actor == .init(id: "ann", kind: .user) && events[0].source == "shop")
            #expect(events[0].targets == [.init(kind: "order", id: "42")])
            #expect(
                events[0].attributes == [
                    .init(key: "outcome.inferred", value: "true"), .init(key: "message", value: "done"),
                    .init(key: "n", value: "1"), .init(key: "region", value: "eu"),
                ]
            )
            #expect(events[1].outcome == .init(.failure, reason: "no funds"))
            #expect(events[2].outcome == .init(.denied, reason: "stopped"))
            #expect(audit.droppedCount == 0)
            try await ingest.program.stop()
            try await ledger.stop()
        }

        @Test func whatFindsNoRoomIsTold() async throws {
            let directory = try TestDirectory()
            let ledger = try await TestLedger.start(in: directory)
            let ingest = try await HTTPIngest.start(in: directory, ledger: ledger.rpc)
            var limits = AuditLog.Limits()
            limits.eventCountMax = 3
            let audit = try Self.log(try #require(ingest.others["rpc"]), limits)
            for number in 0..<10 { Self.logger(audit).info("x", metadata: ["action": "n\(number)"]) }
            #expect(audit.droppedCount == 7)
            let running = Task { await audit.run() }
            try await eventually("the drops are in the log") { () -> Void? in
                let size = try await ledger.client.status().durableSize
                let told = try await ledger.entries(to: size).contains { bytes in
                    guard case .source(let record) = try Entry(serialized: bytes).body else { return false }
                    return record.change == "overflow" && record.detail.hasPrefix("7 events") && record.source == "shop"
                }
                return told ? () : nil
            }
            #expect(try await ledger.events().map(\.action) == ["n0", "n1", "n2"])
            running.cancel()
            await running.value
            try await ingest.program.stop()
            try await ledger.stop()
        }
    }
}
