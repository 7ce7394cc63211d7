import AnalyzerCore
import ArgumentParser
import AuditModel
import EventFormats
import Foundation
import Primitives

/// Features of records in a file, as `tools/train` reads them: `indelible features`.
///
/// The records go through the same code as on their way into a log and through an analyzer, so a model is trained on what it
/// will be served.
struct FeaturesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "features",
        abstract: "Turn a file of records into the feature vectors that models are trained on.",
        discussion: """
            The first column, index, is the record's place in its file, from 0. The file is taken for a log of its own: actors
            are unknown at its start. Records that cannot be read are left out and named on standard error.
            """,
    )

    @Argument(help: "Records: JSON lines or CloudTrail's {\"Records\":[…]}, plain or gzip.")
    var records: String?

    @Option(help: "CSV file to write.")
    var out: String?

    @Option(help: "cloudtrail, k8s, windows, genai or jsonl; judged record by record when not given.")
    var format: String?

    @Flag(help: "Print the feature schema's text, whose SHA-256 models name, and nothing else.")
    var schema = false

    func validate() throws {
        guard self.schema || (self.records != nil && self.out != nil) else {
            throw ValidationError("Give a file of records and --out, or --schema.")
        }
        guard self.format == nil || self.sourceFormat != nil else {
            throw ValidationError("--format is \(SourceFormat.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
    }

    func run() async throws {
        try await Outcome.report {
            let schema = try FeatureSchema.v1()
            guard let records, let out, !self.schema else {
                FileHandle.standardOutput.write(Data(schema.canonicalText.utf8))
                return
            }
            try self.write(schema, records: records, out: out)
        }
    }

    private var sourceFormat: SourceFormat? { self.format.flatMap(SourceFormat.init(rawValue:)) }

    private func write(_ schema: FeatureSchema, records: String, out: String) throws {
        guard let input = FileHandle(forReadingAtPath: records) else {
            throw IndelibleError(.notFound, "\(records) cannot be opened. Check the path.")
        }
        var file = try FeatureFile(out, schema: schema)
        var reader = try RecordReader()
        let normalizer = EventNormalizer(format: self.sourceFormat)
        while let chunk = try input.read(upToCount: RecordReader.chunkByteCountMax), !chunk.isEmpty {
            reader.append(Array(chunk))
            try self.write(reader.takeItems(), normalizer, &file)
        }
        reader.finish()
        try self.write(reader.takeItems(), normalizer, &file)
        try file.close()
    }

    private func write(
        _ items: [RecordItem],
        _ normalizer: EventNormalizer,
        _ file: inout FeatureFile,
    ) throws {
        var lines = ""
        for item in items {
            switch item {
            case .rejected(let rejected): Terminal.note("line \(rejected.line): \(rejected.reason)")
            case .record(let record):
                do throws(IndelibleError) {
                    let event = try normalizer.normalize(record).event
                    let slot = ActorSlot.slot(of: event.actor.id)
                    lines += file.table.line(index: record.number - 1, slot: slot, event)
                } catch { Terminal.note("line \(record.line): \(error.message)") }
            }
        }
        try file.write(lines)
    }
}
