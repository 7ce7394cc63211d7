import IndelibleClient
import JSONText
import Platform
import ServiceProtocol

/// How a suite is, for people and for scripts.
struct StatusReport {
    let status: LedgerStatus
    let processes: [(process: String, pid: Int32)]
    /// `nil` when no ingest is known or it does not answer.
    var ingest: IngestStatus?
    /// `nil` when it is not known what runs.
    var coverage: CoverageReport?
    /// Entries that became durable since the report before; `nil` for a first one.
    var entriesPerSecond: UInt64?

    /// Milliseconds since the newest checkpoint was signed.
    private var age: UInt64 {
        let now = SystemClock.wallNanoseconds
        return now > self.status.checkpointNanoseconds ? (now - self.status.checkpointNanoseconds) / 1_000_000 : 0
    }

    /// One object, without a line end.
    var json: String {
        let status = self.status
        var writer = JSONWriter()
        writer.object { writer in
            for (key, text) in [
                ("origin", status.origin), ("log_vkey", status.logVerifierKey), ("state", status.state),
                ("reason", status.reason),
            ] {
                writer.member(key, text)
            }
            for (key, number) in [
                ("durable_size", status.durableSize), ("checkpoint_size", status.checkpointSize),
                ("sealed_size", status.sealedSize), ("checkpoint_age_ms", self.age),
            ] {
                writer.member(key, number)
            }
            if let rate = self.entriesPerSecond {
                writer.member("entries_per_second", rate)
            }
            writer.key("witnesses")
            writer.array { writer in
                for witness in status.witnesses {
                    writer.object { writer in
                        writer.member("name", witness.name)
                        writer.member("size", witness.size)
                        writer.member("lag", status.checkpointSize - min(status.checkpointSize, witness.size))
                        writer.member("error", witness.error)
                    }
                }
            }
            if let ingest {
                writer.member("ingest") { writer in
                    writer.member("ledger_state", ingest.ledgerState)
                    for (key, number) in [
                        ("spooled_batches", ingest.spooledBatches), ("spooled_bytes", ingest.spooledByteCount),
                        ("refused_batches", ingest.refusedBatches),
                    ] {
                        writer.member(key, number)
                    }
                }
            }
            self.coverage?.write(to: &writer)
            writer.member("processes") { writer in
                for (name, pid) in self.processes {
                    writer.member(name, ChildProcess(name: name, pid: pid).isRunning ? "running" : "stopped")
                }
            }
        }
        return writer.text
    }

    var text: String {
        let status = self.status
        var text = """
            \(status.origin): \(status.state)\(status.reason.isEmpty ? "" : ", \(status.reason)")
              entries     \(status.durableSize) durable\(self.entriesPerSecond.map { " (\($0) a second)" } ?? ""), \(status.checkpointSize) under the checkpoint, \(status.sealedSize) sealed
              checkpoint  \(self.age) ms old

            """
        for witness in status.witnesses {
            let state = witness.error.isEmpty ? "cosigned \(witness.size)" : witness.error
            text += "  witness     \(witness.name): \(state)\n"
        }
        if let ingest {
            text += "  ingest      \(ingest.spooledBatches) batches in the spool, \(ingest.refusedBatches) set aside\n"
        }
        text += self.coverage?.text ?? ""
        for (name, pid) in self.processes {
            text +=
                "  \(name): \(ChildProcess(name: name, pid: pid).isRunning ? "running" : "stopped") (process \(pid))\n"
        }
        return text
    }
}
