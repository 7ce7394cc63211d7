import ArgumentParser
import EventFormats
import Foundation
import IndelibleClient
import Primitives
import ServiceKit

/// Takes in files of audit records: `indelible import`.
struct ImportCommand: AsyncParsableCommand {
    /// `auto` judges each record by itself.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case auto, cloudtrail, k8s, windows, genai, jsonl

        var sourceFormat: SourceFormat? { SourceFormat(rawValue: self.rawValue) }
    }

    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take in files of audit records.",
        discussion: """
            Reads CloudTrail ({"Records":[…]} or one record a line), Kubernetes audit (lines or EventList), \
            Windows Security, model invocations and other JSON lines, plain or gzip, from files, directories, or standard \
            input (-). Each record becomes an event that keeps its exact bytes, or with --masking what rules leave of them.

              indelible import --data ./audit trail/*.json.gz
              indelible import --data ./audit --format jsonl --mapping fields.json app.log
              indelible simulate --events 1000 --seed 1 | indelible import --data ./audit -

            A record that cannot be read is reported with file, line and reason; the others are taken in. Run the same \
            command again after an interruption: what is in the log already is recognised and not added twice.

            A mapping names, for fields of an event, where a record has them. What it leaves out is looked for under the \
            usual names:

              {"time":"ts","actor":["user.email","user.id"],"action":"op"}

            Fields: \(FieldMapping.Field.allCases.map(\.rawValue).joined(separator: ", ")).

            Exit codes: 0 all taken in; 2 some records were rejected, or a file is missing; 3 the suite could not be \
            reached.
            """,
    )

    @OptionGroup var client: ClientOptions
    @OptionGroup var masking: MaskingOptions

    @Option(help: "What the records are; auto judges each by itself.")
    var format: Format = .auto

    @Option(help: "The events' source, instead of what the records say, such as app/shop.")
    var source: String?

    @Option(help: ArgumentHelp("A JSON file that says where plain JSON lines have their fields.", valueName: "file"))
    var mapping: String?

    @Flag(help: "Print {\"accepted\",\"duplicates\",\"rejected\",\"first_index\",\"last_index\",\"rejections\"}.")
    var json = false

    @Argument(help: ArgumentHelp("Files, directories, or - for standard input.", valueName: "file"))
    var files: [String]

    func validate() throws {
        guard self.client.data != nil || self.client.ingest != nil else {
            throw ValidationError("Say where to: --data DIR of a running suite, or --ingest HOST:PORT.")
        }
        guard self.mapping == nil || self.format == .auto || self.format == .jsonl else {
            throw ValidationError("--mapping is for plain JSON lines; \(self.format.rawValue) records need none.")
        }
        guard self.files.count(where: { $0 == "-" }) <= 1 else {
            throw ValidationError("Standard input (-) can be read only once.")
        }
    }

    func run() async throws {
        try await Outcome.report {
            let files = try ImportFile.files(self.files)
            let normalizer = EventNormalizer(
                format: self.format.sourceFormat,
                source: self.source,
                mapping: try self.fieldMapping(),
                masker: try self.masking.masker(vault: self.client.vault),
            )
            let ledger = self.client.data == nil && self.client.ledger == nil ? nil : try self.client.ledgerClient()
            let sink = SuiteSink(ingest: try self.client.ingestClient(), ledger: ledger)
            var importer = Importer(normalizer, to: sink, notify: Self.show)
            do {
                for file in files { try await importer.add(file) }
            } catch {
                await sink.close()
                self.finish(importer.summary)
                throw error
            }
            await sink.close()
            self.finish(importer.summary)
            guard importer.summary.rejected == 0 else { throw Outcome.badInput }
        }
    }

    private func fieldMapping() throws(IndelibleError) -> FieldMapping {
        guard let path = self.mapping else { return FieldMapping() }
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw IndelibleError(.invalidArgument, "Could not read the mapping \(path). Check the path.")
        }
        return try FieldMapping(parsing: Array(bytes), what: path)
    }

    private static func show(_ notice: Importer.Notice) {
        switch notice {
        case .rejected(let rejection):
            Terminal.endProgress()
            let record = rejection.record > 0 ? " (record \(rejection.record))" : ""
            Terminal.note("\(rejection.file):\(rejection.line): \(rejection.reason)\(record)")
        case .progress(let file, let records): Terminal.progress("\(file): \(records) records")
        }
    }

    private func finish(_ summary: ImportSummary) {
        Terminal.endProgress()
        Terminal.write(self.json ? summary.json + "\n" : summary.sentence + "\n")
    }
}
