import Glibc
import IndelibleClient
import Primitives
import ServiceProtocol
import Testing

extension RealProcesses {
    /// Goal: a failing disk costs no acknowledged entry, and the ledger says what is wrong.
    ///
    /// Method: strace makes system calls of a running ledger fail; then the disk is well again and the ledger restarted.
    @Suite(.enabled(if: Tool.isHere("strace"), "strace is not installed; tools/install test installs it"))
    struct DiskFault {
        /// What strace injects: which call fails, how, and which times it is made by a thread.
        struct Fault: CustomTestStringConvertible, Sendable {
            let call: String
            let error: String
            let when: String
            var acknowledgement = AckLevel.durable
            var testDescription: String { "\(self.call) \(self.error) \(self.when) \(self.acknowledgement)" }
        }

        static let faults = [
            Fault(call: "fdatasync", error: "EIO", when: "1"),
            Fault(call: "fdatasync", error: "EIO", when: "1", acknowledgement: .checkpointed),
            Fault(call: "fdatasync", error: "EIO", when: "3"),
            Fault(call: "pwrite64", error: "ENOSPC", when: "1+"),
            Fault(call: "pwrite64", error: "EIO", when: "2"),
        ]
        static let appendCountMax = 1_000

        @Test(arguments: Self.faults)
        func keepsWhatWasAcknowledged(_ fault: Fault) async throws {
            let directory = try TestDirectory()
            let ledger = try await TestLedger.start(in: directory)
            var producer = TestProducer("faults")
            var acknowledged: [[UInt8]] = []
            for _ in 0..<5 {
                // Checkpoints are on the disk too before the faults begin.
                let batch = producer.batch(10, acknowledgement: .checkpointed)
                _ = try await ledger.client.append(batch.request)
                acknowledged += batch.entries
            }

            let strace = try Program(
                "strace",
                [
                    "-f", "-o", directory.path("trace"), "-p", "\(ledger.program.pid)", "-e", "trace=\(fault.call)",
                    "-e", "inject=\(fault.call):error=\(fault.error):when=\(fault.when)",
                ],
                in: directory,
            )
            try await eventually("strace is attached") {
                guard strace.isRunning else { throw Unexpected("strace ended: \(strace.errors)") }
                return strace.errors.contains("attached") ? () : nil
            }

            var lost: TestProducer.Batch?
            while lost == nil, acknowledged.count < Self.appendCountMax {
                let batch = producer.batch(1, acknowledgement: fault.acknowledgement)
                do {
                    _ = try await ledger.client.append(batch.request)
                    acknowledged += batch.entries
                } catch let error as IndelibleError {
                    #expect(error.code == .unavailable, "\(error)")
                    #expect(error.message.count > 20, "it does not say what to do: \(error)")
                    lost = batch
                }
            }
            let unanswered = try #require(lost, "the fault went unused: \(strace.errors)")

            let status = try await ledger.client.status()
            #expect(status.state == "read_only")
            #expect(status.reason.isEmpty == false)
            #expect(try await ledger.entries(to: status.durableSize) == acknowledged)
            // A disk that lied once is not asked again: only a restart finds out what it holds.
            await #expect(throws: IndelibleError.self) { try await ledger.client.append(producer.batch(1).request) }
            // The thread that started it blocks all other signals, and children inherit that.
            try await strace.stop(SIGKILL)
            await #expect(throws: IndelibleError.self) { try await ledger.client.append(producer.batch(1).request) }
            await ledger.client.close()
            try await ledger.program.stop()

            let again = try await TestLedger.start(in: directory)
            let response = try await again.client.append(unanswered.request)
            #expect(response.count == 1)
            acknowledged += unanswered.entries
            #expect(try await again.entries(to: UInt64(acknowledged.count)) == acknowledged)
            #expect(try await again.client.status().durableSize == UInt64(acknowledged.count))
            try await again.stop()
        }
    }
}
