import AuditModel
import Glibc
import IndelibleClient
import JSONText
import ProtobufC
import ServiceProtocol
import Testing
import TransparencyLog

extension RealProcesses {
    /// Goal: scripts can rely on exit codes and on the shape of `--json`.
    ///
    /// Method: the commands against a ledger of a few entries.
    struct Commands {
        let directory: TestDirectory
        let ledger: TestLedger
        let key: String
        let entry: [UInt8]

        init() async throws {
            self.directory = try TestDirectory()
            self.ledger = try await TestLedger.start(in: self.directory)
            self.key = try await self.ledger.key.description
            var event = AuditEvent()
            event.actor = .init(id: "alice")
            event.action = "door.open"
            let blind = [UInt8](repeating: 7, count: Entry.blindByteCount)
            self.entry = Entry(blind: blind, stamp: nil, body: .event(event.serialized)).serialized
            var builder = AppendRequestBuilder(acknowledgement: .checkpointed)
            let noID: [UInt8] = []
            let producer = builder.append(Producer(id: [1], epoch: 1), firstSequence: 1)
            for _ in 0..<300 {
                builder.append(entry: self.entry.span, kind: .event, slot: 0, producer: producer, eventID: noID.span)
            }
            _ = try await self.ledger.client.append(builder.bytes)
        }

        private func run(_ arguments: String...) async throws -> Program.Result {
            try await self.run(arguments)
        }

        private func run(_ arguments: [String]) async throws -> Program.Result {
            try await Program.run(Program.ours("indelible"), arguments, in: self.directory)
        }

        @Test func statusSaysHowItIs() async throws {
            let good = try await self.run("status", "--ledger", self.ledger.rpc, "--json")
            #expect(good.status == 0, "\(good)")
            let status = try good.json
            #expect(status["origin"]?.string == TestLedger.origin)
            #expect(status["log_vkey"]?.string == self.key)
            #expect(status["state"]?.string == "serving")
            #expect(status["durable_size"]?.number?.int == 300)
            #expect(status["checkpoint_size"]?.number?.int == 300)
            #expect(status["witnesses"]?.array?.isEmpty == true)
            try await self.ledger.stop()
            let away = try await self.run("status", "--ledger", self.ledger.rpc, "--json")
            #expect(away.status == 3 && away.output.isEmpty && away.errors.contains(self.ledger.rpc), "\(away)")
        }

        @Test func watchLooksAgainAndAgain() async throws {
            let good = try await self.run("watch", "--ledger", self.ledger.rpc, "--json", "--count", "2")
            #expect(good.status == 0, "\(good)")
            let looks = try good.output.split(separator: "\n").map { line in
                try JSONValue(parsing: Array(line.utf8), what: "line")
            }
            #expect(looks.map { $0["durable_size"]?.number?.int } == [300, 300])
            #expect(looks.map { $0["entries_per_second"]?.number?.int } == [nil, 0])
            try await self.ledger.stop()
            let gone = try await self.run("watch", "--ledger", self.ledger.rpc, "--count", "1")
            #expect(gone.status == 3 && gone.errors.contains(self.ledger.rpc), "\(gone)")
        }

        @Test func entriesArePrinted() async throws {
            let show = try await self.run("show", "7", "--ledger", self.ledger.rpc)
            #expect(show.status == 0, "\(show)")
            #expect(try show.json["index"]?.number?.int == 7)
            #expect(try show.json["kind"]?.string == "event")
            let none = try await self.run("show", "300", "--ledger", self.ledger.rpc)
            #expect(none.status == 1 && none.errors.contains("300"), "\(none)")

            let tail = try await self.run("tail", "--ledger", self.ledger.rpc, "--from", "290", "--json")
            #expect(tail.status == 0, "\(tail)")
            let lines = try tail.output.split(separator: "\n").map { line in
                try JSONValue(parsing: Array(line.utf8), what: "line")
            }
            #expect(lines.map { $0["index"]?.number?.int } == (290..<300).map { $0 })
            #expect(lines.allSatisfy { $0["leaf_hash"]?.string == lines[0]["leaf_hash"]?.string })

            for kind in [["--kind", "event"], []] {
                let last = try await self.run(["tail", "--ledger", self.ledger.rpc, "--json"] + kind)
                #expect(last.output == tail.output, "\(last)")
            }
            let seals = try await self.run("tail", "--ledger", self.ledger.rpc, "--kind", "seal")
            #expect(seals.status == 0 && seals.output.isEmpty, "\(seals)")

            let checkpoint = try await self.run("checkpoint", "--ledger", self.ledger.rpc)
            #expect(checkpoint.status == 0)
            #expect(checkpoint.output.hasPrefix("\(TestLedger.origin)\n300\n"))
            try await self.ledger.stop()
        }

        @Test func proofsHoldOffline() async throws {
            let proof = self.directory.path("7.tlog-proof")
            let prove = try await self.run("prove", "7", "--ledger", self.ledger.rpc, "--out", proof)
            #expect(prove.status == 0, "\(prove)")
            let beyond = try await self.run("prove", "300", "--ledger", self.ledger.rpc, "--out", proof + "2")
            #expect(beyond.status == 1 && beyond.errors.contains("300"), "\(beyond)")
            try await self.ledger.stop()

            try self.directory.write(self.entry, to: "7.bin")
            let arguments = ["verify", "--proof", proof, "--entry", self.directory.path("7.bin"), "--vkey", self.key]
            let yes = try await Program.run(Program.ours("indelible"), arguments + ["--json"], in: self.directory)
            #expect(yes.status == 0, "\(yes)")
            #expect(try yes.json["verified"]?.bool == true)
            #expect(try yes.json["index"]?.number?.int == 7)
            #expect(try yes.json["size"]?.number?.int == 300)

            var wrong = self.entry
            wrong[wrong.count / 2] ^= 1
            try self.directory.write(wrong, to: "7.bin")
            let no = try await Program.run(Program.ours("indelible"), arguments + ["--json"], in: self.directory)
            #expect(no.status == 1, "\(no)")
            #expect(try no.json["kind"]?.string == "payload-altered")
            #expect(try no.json["index"]?.number?.int == 7)
        }

        @Test func wholeLogsAreVerified() async throws {
            let exported = self.directory.path("exported")
            let export = try await self.run("export", "tiles", exported, "--url", self.ledger.tiles)
            #expect(export.status == 0, "\(export)")
            let served = try await self.run("verify", "--tiles", self.ledger.tiles, "--vkey", self.key, "--json")
            #expect(served.status == 0, "\(served)")
            try await self.ledger.stop()
            let files = try await self.run("verify", "--tiles", exported, "--vkey", self.key, "--json")
            #expect(files.status == 0, "\(files)")
            #expect(try files.json["size"]?.number?.int == 300)
            #expect(try files.json["root"]?.string == served.json["root"]?.string)

            var bundle = try #require(self.directory.read("exported/tile/entries/000"))
            // Into the entry 130: each stands behind two bytes of length.
            bundle[130 * (2 + self.entry.count) + 10] ^= 1
            try self.directory.remove("exported/tile/entries/000")
            try self.directory.write(bundle, to: "exported/tile/entries/000")
            let damaged = try await self.run("verify", "--tiles", exported, "--vkey", self.key, "--json")
            #expect(damaged.status == 1, "\(damaged)")
            #expect(try damaged.json["index"]?.number?.int == 130)
            #expect(try damaged.json["path"]?.string?.isEmpty == false)
            #expect(try damaged.json["expected"]?.string != damaged.json["found"]?.string)
        }

        @Test func keysAreNeverReplaced() async throws {
            let file = self.directory.path("new.key")
            let made = try await self.run("keys", "create", "log.example/new", "--out", file, "--json")
            #expect(made.status == 0, "\(made)")
            let vkey = try #require(try made.json["vkey"]?.string)
            #expect(vkey.hasPrefix("log.example/new+"))
            let again = try await self.run("keys", "create", "log.example/new", "--out", file)
            #expect(again.status == 2 && again.errors.contains("exists"), "\(again)")
            let shown = try await self.run("keys", "show", file)
            #expect(shown.output == vkey + "\n")
            let exported = try await self.run("keys", "export", file, "--out", self.directory.path("new.vkey"))
            #expect(exported.status == 0, "\(exported)")
            #expect(self.directory.read("new.vkey") == Array((vkey + "\n").utf8))
            let none = try await self.run("keys", "show", self.directory.path("none.key"))
            #expect(none.status == 2 && none.errors.contains("none.key"), "\(none)")
            try await self.ledger.stop()
        }

        /// Goal: somebody else's implementation of the protocol gets on with our ledger.
        @Test func foreignClientGetsOn() async throws {
            let result = try await Program.run(
                Program.inPackage("tools/python-client/client"),
                ["--ledger", self.ledger.rpc, "--vkey", self.key],
                in: self.directory,
            )
            #expect(result.status == 0, "\(result)")
            #expect(try result.json["size"]?.number?.int ?? 0 > 300)
            try await self.ledger.stop()
        }
    }
}
