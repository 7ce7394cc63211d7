import ArgumentParser
import EventFormats
import Foundation
import JSONText
import Primitives

extension SimulatedMix: ExpressibleByArgument {}

/// Makes audit records: `indelible simulate`.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Make audit records of an invented company, as JSON lines in the true shape of each source.",
        discussion: """
            The same seed makes the same bytes on every machine. Sixty people, six services and three assistants go about \
            their work with habits of their own; a few abuse scenarios, and harmless work that looks like abuse, run \
            through it. What is true of each record goes to a file of its own, never into the records:

              indelible simulate --events 100000 --seed 7 --labels truth.jsonl > events.jsonl
              indelible simulate --events 1000 --seed 1 --mix k8s | indelible import --data ./audit -

            A line of labels: {"record","kind","scenario","category","actor"}; kind is benign, hard_negative or abuse.
            """,
    )

    @Option(help: "How many records.")
    var events: UInt64

    @Option(help: "Any number; the same one makes the same records.")
    var seed: UInt64 = 1

    @Option(help: "The sources that speak.")
    var mix: SimulatedMix = .all

    @Option(help: "Time before the first record, such as 2026-01-05T06:00:00Z.")
    var start: String?

    @Option(help: ArgumentHelp("Write what is true of each record here, as JSON lines.", valueName: "file"))
    var labels: String?

    /// Bytes gathered before they are written.
    private static let outputByteCount = 64 << 10

    func run() async throws {
        try await Outcome.report {
            var simulator = EventSimulator(seed: self.seed, mix: self.mix, start: try self.startNanoseconds())
            let labels = try self.openLabels()
            defer { try? labels?.close() }
            var output: [UInt8] = []
            var truth: [UInt8] = []
            for number in 0..<self.events {
                let record = simulator.next()
                output += record.bytes
                output.append(UInt8(ascii: "\n"))
                if labels != nil { truth += Array((record.label.json(record: number + 1) + "\n").utf8) }
                guard output.count >= Self.outputByteCount else { continue }
                Terminal.write(output)
                output.removeAll(keepingCapacity: true)
                try Self.write(&truth, to: labels)
            }
            Terminal.write(output)
            try Self.write(&truth, to: labels)
        }
    }

    private func startNanoseconds() throws(IndelibleError) -> UInt64 {
        guard let start = self.start else { return EventSimulator.defaultStart }
        guard let time = Timestamp.nanoseconds(start) else {
            throw IndelibleError(.invalidArgument, "--start \(start) is no time. Write it like 2026-01-05T06:00:00Z.")
        }
        return time
    }

    private func openLabels() throws(IndelibleError) -> FileHandle? {
        guard let path = self.labels else { return nil }
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw IndelibleError(.invalidArgument, "Could not write the labels to \(path). Check the path.") }
        return handle
    }

    private static func write(_ bytes: inout [UInt8], to handle: FileHandle?) throws(IndelibleError) {
        guard let handle, !bytes.isEmpty else { return }
        do {
            try handle.write(contentsOf: bytes)
        } catch {
            throw IndelibleError(.unavailable, "Could not write the labels. Check the disk.", cause: error)
        }
        bytes.removeAll(keepingCapacity: true)
    }
}

extension SimulatedLabel {
    /// One line of JSON; names and their order stay.
    package func json(record: UInt64) -> String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("record", record)
            for (name, text) in [
                ("kind", self.kind.rawValue), ("scenario", self.scenario), ("category", self.category),
                ("actor", self.actor),
            ] {
                writer.member(name, text)
            }
        }
        return writer.text
    }
}
