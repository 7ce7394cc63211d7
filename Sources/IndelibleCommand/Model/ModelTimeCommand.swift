import ArgumentParser
import BoostedTrees
import Foundation
import JSONText
import Primitives
import ServiceKit
import Storage

/// Measures how fast this machine scores rows: `indelible model time`.
struct ModelTimeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "time",
        abstract: "Measure how fast this machine scores rows with a model.",
        discussion: """
            Scores rows from a file over and over on one core, and prints a line
            per batch size: the method, the instructions, and the rows per second
            of CPU time in the best of the rounds. With --json an object: batch,
            method, kernel, rows_per_second, load_seconds (from the file's bytes
            to the first row) and resident_bytes (of the process, before and
            after loading).
            """,
    )

    /// Rows read at most.
    private static let valueByteCountMax = 256 << 20

    @Argument(help: "Model file.")
    var model: String

    @Option(help: "Rows as binary32, little-endian, one after the other.")
    var values: String

    @Option(help: "Rows scored at once; give several.")
    var batch: [Int] = [1, 64, 4096]

    @Option(help: "Instructions: avx512, avx2 or portable; by default the best.")
    var kernel: String?

    @Option(help: "The only method to use: walk, quick, levels or blocks.")
    var method: String?

    @Option(help: "Rounds for each batch size.")
    var rounds = 5

    @Option(help: "CPU seconds of a round.")
    var seconds = 0.3

    @Flag(help: "One JSON object a line.")
    var json = false

    func run() async throws {
        try await Outcome.report {
            let before = Self.residentByteCount
            let start = clock()
            let model = try ModelSource.load(self.model)
            let kernel = try self.kernel.map { (name) throws(IndelibleError) in try TreeKernel.named(name) } ?? .best
            let scorer = RowScorer(model, kernel: kernel, method: try self.chosenMethod())
            let load = (seconds: Self.seconds(since: start), from: before, to: Self.residentByteCount)
            let rows = try self.rows(width: model.featureCount)
            for size in self.batch {
                guard size >= 1, size <= rows.count / max(1, model.featureCount) else {
                    throw IndelibleError(.invalidArgument, "There are no \(size) rows in \(self.values). Give more.")
                }
                let rate = self.rate(scorer, rows, width: model.featureCount, batch: size)
                Terminal.write(self.line(size, scorer.method(rowCount: size), kernel, rate, load))
            }
        }
    }

    private func chosenMethod() throws(IndelibleError) -> RowScorer.Method? {
        guard let name = self.method else { return nil }
        guard let method = RowScorer.Method(rawValue: name) else {
            let names = RowScorer.Method.allCases.map(\.rawValue).joined(separator: ", ")
            throw IndelibleError(.invalidArgument, "There is no method \"\(name)\". Choose one of: \(names).")
        }
        return method
    }

    private func rows(width: Int) throws(IndelibleError) -> [Float] {
        let (files, name) = try HostPath(self.values).open()
        guard let bytes = try files.readAll(name, byteCountMax: Self.valueByteCountMax) else {
            throw IndelibleError(.invalidArgument, "\(self.values): there is no such file; check the path.")
        }
        let rowByteCount = max(1, width) * MemoryLayout<Float>.size
        guard !bytes.isEmpty, bytes.count.isMultiple(of: rowByteCount) else {
            throw IndelibleError(
                .invalidArgument,
                "\(self.values) has \(bytes.count) bytes, which are no whole rows of \(width) numbers.",
            )
        }
        return stride(from: 0, to: bytes.count, by: 4).map { first in
            Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[first + $1]) << UInt32(8 * $1) })
        }
    }

    /// Rows per second of CPU time, in the best round.
    private func rate(_ start: RowScorer, _ values: [Float], width: Int, batch: Int) -> Double {
        var scorer = start
        let rowCount = values.count / width
        let span = values.span
        var best = 0.0
        for _ in 0..<max(1, self.rounds) {
            var done = 0
            let start = clock()
            repeat {
                // The clock is read every 4096 rows or so: asking takes as long as some rows.
                for _ in 0..<max(1, 4096 / batch) {
                    let first = done % (rowCount - batch + 1)
                    let part = span.extracting(first * width..<(first + batch) * width)
                    withExtendedLifetime(scorer.margins(part, rowCount: batch)) { done += batch }
                }
            } while Self.seconds(since: start) < self.seconds
            best = max(best, Double(done) / Self.seconds(since: start))
        }
        return best
    }

    private func line(
        _ batch: Int,
        _ method: RowScorer.Method,
        _ kernel: TreeKernel,
        _ rate: Double,
        _ load: (seconds: Double, from: Int, to: Int),
    ) -> String {
        guard self.json else { return "batch \(batch)\t\(method.rawValue)\t\(kernel.name)\t\(Int(rate)) rows/s\n" }
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("batch", batch)
            writer.member("method", method.rawValue)
            writer.member("kernel", kernel.name)
            writer.member("rows_per_second", Int(rate))
            writer.key("load_seconds")
            writer.number(load.seconds)
            writer.key("resident_bytes")
            writer.array { writer in
                writer.integer(load.from)
                writer.integer(load.to)
            }
        }
        return writer.text + "\n"
    }

    private static func seconds(since start: clock_t) -> Double {
        Double(clock() - start) / Double(CLOCKS_PER_SEC)
    }

    /// Of this process; 0 when the kernel does not tell.
    private static var residentByteCount: Int {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
            let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { return 0 }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
