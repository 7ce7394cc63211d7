import ArgumentParser
import BoostedTrees
import Foundation
import Primitives

extension ModelExplainer.Method: ExpressibleByArgument {}

/// Scores the rows of a table: `indelible model score`.
struct ModelScoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "score",
        abstract: "Score the rows of a CSV file with a model.",
        discussion: """
            One line per row, in the order of the file. With --json an object:

              row            number of the row, from 0, without the header
              margins        raw margins, one per class, before any sigmoid or
                             softmax: the shortest decimals that are these
                             numbers and no others; null if not finite
              margin_bits    the same as IEEE 754 binary32 (float32): 8 hex
                             digits, most significant first
              margin_bits64  only for LightGBM, which sums in binary64: 16 hex
                             digits; its margin_bits are rounded from these
              contributions  with --explain: per class a number per feature, and
                             last what every row starts from; they sum to the
                             margin. path: what each split on the row's way
                             added; shap: exact TreeSHAP, pred_contrib of the
                             training libraries

            Without --json the row's number, then each margin and its
            margin_bits, separated by tabs.

            The margins of XGBoost equal predict(output_margin=True), those of
            LightGBM predict(raw_score=True), bit for bit.

            A row has a cell per feature, separated by commas; an empty cell, or
            nan, is a missing value. The first row may name the columns: where
            the model names its features, columns are found by name and others
            are ignored, else they are taken by position. A cell is rounded to
            binary64 and, for XGBoost, from there to binary32, as numpy does.

            A file that cannot be read ends with exit code 2 and its name, line
            and column; the rows before that are printed.
            """,
    )

    /// Bytes read at once.
    private static let chunkByteCount = 1 << 18

    @Argument(help: "Model file: XGBoost JSON or UBJSON, LightGBM text, or ONNX.")
    var model: String

    @Option(help: "CSV file, or - for standard input.")
    var rows: String

    @Option(help: "Whether the first row names columns: auto, yes or no.")
    var header = RowScoring.Header.auto

    @Option(help: "With --json, add contributions of the features: path or shap.")
    var explain: ModelExplainer.Method?

    @Flag(help: "One JSON object a line.")
    var json = false

    func run() async throws {
        try await Outcome.report {
            let name = self.rows == "-" ? "standard input" : self.rows
            guard let input = self.rows == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: self.rows)
            else { throw IndelibleError(.invalidArgument, "\(name) cannot be opened. Check the path.") }
            let model = try ModelSource.load(self.model)
            let explanation = try self.explain.map { (method) throws(IndelibleError) in
                (explainer: try ModelExplainer(model), method: method)
            }
            let scoring = RowScoring(model: model, file: name, header: self.header, explanation: explanation)
            try self.score(input, name, scoring)
        }
    }

    private func score(_ input: FileHandle, _ name: String, _ start: RowScoring) throws(IndelibleError) {
        var scoring = start
        var lines = ""
        var hasNoted = false
        // Also before an error: the rows above it are good.
        defer { Terminal.write(lines) }
        let emit = { (row: ScoredRow) in lines += self.json ? row.json : row.text }
        while let chunk = try self.chunk(input, name) {
            try scoring.read(chunk[...], emit)
            if let ignored = scoring.columns?.ignored, !ignored.isEmpty, !hasNoted {
                Terminal.note("indelible: not read by the model: \(ignored.prefix(10).joined(separator: ", "))")
                hasNoted = true
            }
            Terminal.write(lines)
            lines = ""
        }
        try scoring.finish(emit)
    }

    /// - Returns: `nil` at the end.
    private func chunk(_ input: FileHandle, _ name: String) throws(IndelibleError) -> [UInt8]? {
        do {
            guard let chunk = try input.read(upToCount: Self.chunkByteCount), !chunk.isEmpty else { return nil }
            return Array(chunk)
        } catch { throw IndelibleError(.invalidArgument, "\(name) cannot be read. Is it a file?", cause: error) }
    }
}
