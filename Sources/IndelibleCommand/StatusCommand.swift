import ArgumentParser
import IndelibleClient
import JSONText
import Platform
import Primitives
import ServiceProtocol

/// Says how the suite is: `indelible status`.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show sizes, checkpoint age, witnesses and health.",
        discussion:
            "Exits 0 when the ledger serves, 1 when it is read-only or refuses to sign, 3 when it cannot be reached.",
    )

    @OptionGroup var client: ClientOptions

    @Flag(help: "One JSON object.")
    var json = false

    func run() async throws {
        try await Outcome.report {
            let ledger = try self.client.ledgerClient()
            let status = try await ledger.status()
            await ledger.close()
            let processes = (try? self.client.endpoints())?.processIdentifiers ?? []
            Terminal.write(self.json ? Self.object(status, processes) : Self.text(status, processes))
            if status.state != "serving" { throw Outcome.no }
        }
    }

    private static func age(_ status: LedgerStatus) -> UInt64 {
        let now = SystemClock.wallNanoseconds
        return now > status.checkpointNanoseconds ? (now - status.checkpointNanoseconds) / 1_000_000 : 0
    }

    private static func object(_ status: LedgerStatus, _ processes: [(process: String, pid: Int32)]) -> String {
        var writer = JSONWriter()
        writer.object { writer in
            for (key, text) in [
                ("origin", status.origin), ("log_vkey", status.logVerifierKey), ("state", status.state),
                ("reason", status.reason),
            ] {
                writer.key(key)
                writer.string(text)
            }
            for (key, number) in [
                ("durable_size", status.durableSize), ("checkpoint_size", status.checkpointSize),
                ("sealed_size", status.sealedSize), ("checkpoint_age_ms", Self.age(status)),
            ] {
                writer.key(key)
                writer.integer(number)
            }
            writer.key("witnesses")
            writer.array { writer in
                for witness in status.witnesses {
                    writer.object { writer in
                        writer.key("name")
                        writer.string(witness.name)
                        writer.key("size")
                        writer.integer(witness.size)
                        writer.key("lag")
                        writer.integer(status.checkpointSize - min(status.checkpointSize, witness.size))
                        writer.key("error")
                        writer.string(witness.error)
                    }
                }
            }
            writer.key("processes")
            writer.object { writer in
                for (name, pid) in processes {
                    writer.key(name)
                    writer.string(ChildProcess(name: name, pid: pid).isRunning ? "running" : "stopped")
                }
            }
        }
        return writer.text + "\n"
    }

    private static func text(_ status: LedgerStatus, _ processes: [(process: String, pid: Int32)]) -> String {
        var text = """
            \(status.origin): \(status.state)\(status.reason.isEmpty ? "" : ", \(status.reason)")
              entries     \(status.durableSize) durable, \(status.checkpointSize) under the checkpoint, \(status.sealedSize) sealed
              checkpoint  \(Self.age(status)) ms old

            """
        for witness in status.witnesses {
            let state = witness.error.isEmpty ? "cosigned \(witness.size)" : witness.error
            text += "  witness     \(witness.name): \(state)\n"
        }
        for (name, pid) in processes {
            text +=
                "  \(name): \(ChildProcess(name: name, pid: pid).isRunning ? "running" : "stopped") (process \(pid))\n"
        }
        return text
    }
}
