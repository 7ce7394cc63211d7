import AnalyzerCore
import Foundation
import Primitives

/// A CSV file of feature vectors that a command writes.
struct FeatureFile {
    var table: FeatureTable
    private let output: FileHandle

    /// Makes the file and writes its header.
    init(_ path: String, schema: FeatureSchema) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let output = FileHandle(forWritingAtPath: path)
        else { throw IndelibleError(.invalidArgument, "\(path) cannot be written. Choose another file.") }
        self.table = FeatureTable(schema: schema)
        self.output = output
        try self.write(self.table.header)
    }

    func write(_ lines: String) throws { try self.output.write(contentsOf: Data(lines.utf8)) }

    func close() throws { try self.output.close() }
}
