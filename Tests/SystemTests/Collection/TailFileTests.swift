import AuditModel
import Foundation
import Glibc
import IndelibleClient
import ProtobufC
import ServiceProtocol
import Testing

extension RealProcesses {
    /// Goal: each line of a followed file is in the log once and in order, whatever rotates, stops or dies.
    ///
    /// Method: the real command on real files; the log is read back.
    struct TailFile {
        private struct Scene {
            let directory: TestDirectory
            let ledger: TestLedger
            let ingest: HTTPIngest
            var log: String { self.directory.path("app.log") }

            static func start() async throws -> Scene {
                let directory = try TestDirectory()
                let ledger = try await TestLedger.start(in: directory)
                let ingest = try await HTTPIngest.start(in: directory, ledger: ledger.rpc)
                return Scene(directory: directory, ledger: ledger, ingest: ingest)
            }

            func arguments(_ more: [String]) -> [String] {
                [
                    "tail-file", "--ingest", self.ingest.others["rpc"] ?? "", "--state", self.directory.path("state"),
                    "--source", "app",
                ] + more + [self.log]
            }

            @discardableResult
            func once(_ more: String...) async throws -> Program.Result {
                try await Program.run(Program.ours("indelible"), self.arguments(["--once"] + more), in: self.directory)
            }

            func follow() throws -> Program {
                try Program(Program.ours("indelible"), self.arguments([]), in: self.directory)
            }

            func append(_ text: String) throws {
                let url = URL(filePath: self.log)
                if !FileManager.default.fileExists(atPath: self.log) { try Data().write(to: url) }
                let handle = try FileHandle(forWritingTo: url)
                try handle.seekToEnd()
                try handle.write(contentsOf: Data(text.utf8))
                try handle.close()
            }

            func move(_ from: String, to: String) throws {
                try FileManager.default.moveItem(
                    atPath: self.directory.path(from),
                    toPath: self.directory.path(to),
                )
            }

            func actions() async throws -> [String] { try await self.ledger.events().map(\.action) }

            func actions(_ expected: [String]) async throws {
                try await eventually("\(expected.count) lines are in the log") { () -> Void? in
                    try await self.actions().count >= expected.count ? () : nil
                }
                #expect(try await self.actions() == expected)
            }

            func sourceRecords() async throws -> [SourceRecord] {
                let size = try await self.ledger.client.status().durableSize
                return try await self.ledger.entries(to: size).compactMap { bytes -> SourceRecord? in
                    guard case .source(let record) = try Entry(serialized: bytes).body else { return nil }
                    return record
                }
            }

            func stop() async throws {
                try await self.ingest.program.stop()
                try await self.ledger.stop()
            }
        }

        private static func line(_ number: Int) -> String { "{\"actor\":\"a\",\"action\":\"n\(number).x\"}\n" }
        private static func lines(_ numbers: some Sequence<Int>) -> String { numbers.map(Self.line).joined() }
        private static func expected(_ numbers: some Sequence<Int>) -> [String] { numbers.map { "n\($0).x" } }

        @Test func remembersWhereItWas() async throws {
            let scene = try await Scene.start()
            #expect(try await scene.once().status == 0, "no file yet")
            try scene.append(Self.lines(0..<3) + "{\"actor\":\"a\",\"act")
            for _ in 0..<2 { #expect(try await scene.once().status == 0) }
            try await scene.actions(Self.expected(0..<3))
            try scene.append("ion\":\"n3.x\"}\n" + Self.line(4))
            #expect(try await scene.once().output == "2 lines taken, 0 not\n")
            try await scene.actions(Self.expected(0..<5))
            #expect(try await scene.sourceRecords().isEmpty)
            try await scene.stop()
        }

        /// Rotated twice while nobody looked, and once more after a part had been read.
        @Test func findsWhatWasRotatedAway() async throws {
            let scene = try await Scene.start()
            try scene.append(Self.lines(0..<3))
            try await scene.once()
            try scene.append(Self.lines(3..<5))
            try scene.move("app.log", to: "app.log.2")
            try scene.append(Self.lines(5..<7))
            try scene.move("app.log", to: "app.log.1")
            try scene.append(Self.line(7))
            try scene.directory.write(Array("no log".utf8), to: "app.log.bak")
            try await scene.once()
            try await scene.actions(Self.expected(0..<8))
            try scene.move("app.log", to: "app.log-20260131")
            try await scene.once()
            try scene.append(Self.line(8))
            try await scene.once()
            try await scene.actions(Self.expected(0..<9))
            #expect(try await scene.sourceRecords().isEmpty)
            try await scene.stop()
        }

        @Test func followsThroughRotationsAndKills() async throws {
            let scene = try await Scene.start()
            var follower = try scene.follow()
            for round in 0..<4 {
                try scene.append(Self.lines(round * 10..<round * 10 + 5))
                try await scene.actions(Self.expected(0..<round * 10 + 5))
                if round == 1 {
                    try await follower.stop(SIGKILL)
                    follower = try scene.follow()
                }
                try scene.move("app.log", to: "app.log.\(round)")
                try scene.append(Self.lines(round * 10 + 5..<round * 10 + 10))
            }
            try await scene.actions(Self.expected(0..<40))
            let end = try await follower.stop(SIGINT)
            #expect(end.status == 0, "\(end)")
            try await scene.stop()
        }

        /// Killed after a call was answered and before that was noted: the lines are sent again and not taken again.
        @Test func anOldPositionAddsNothing() async throws {
            let scene = try await Scene.start()
            try await scene.once()
            try scene.append(Self.line(0))
            try await scene.once()
            try scene.directory.copy("state", to: "old")
            try scene.append(Self.lines(1..<2500))
            try await scene.once()
            try scene.directory.remove("state")
            try scene.directory.copy("old", to: "state")
            try scene.append(Self.line(2500))
            try await scene.once()
            try await scene.actions(Self.expected(0...2500))
            try await scene.stop()
        }

        @Test func saysWhatIsMissing() async throws {
            let scene = try await Scene.start()
            try scene.append(Self.lines(0..<2) + "{\"action\":\n" + Self.line(2))
            let first = try await scene.once()
            #expect(first.status == 2 && first.errors.contains("line 3"), "\(first)")
            try await scene.once()
            try scene.directory.remove("app.log")
            try scene.append(Self.line(3))
            #expect(try await scene.once().status == 0)
            try await scene.actions(Self.expected(0..<4))
            let records = try await scene.sourceRecords()
            #expect(records.map(\.change) == ["rejected", "gap"])
            #expect(records.map(\.firstSequence) == [3, 5] && records.allSatisfy { $0.source == "app" })
            try await scene.stop()
        }

        /// Lines of a machine's own logs.
        @Test func linesOfSyslogAreEvents() async throws {
            let scene = try await Scene.start()
            try scene.append("Jan 31 10:00:00 h sudo: ann : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls\n")
            try scene.append("just words\n")
            try await scene.once()
            let events = try await scene.ledger.events()
            #expect(events.map(\.action) == ["sudo.command.execute", "log.record"])
            #expect(events.allSatisfy { $0.source == "app" } && events.last?.raw == Array("just words".utf8))
            try await scene.stop()
        }
    }
}
