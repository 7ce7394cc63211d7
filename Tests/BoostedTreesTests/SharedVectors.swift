import Foundation
import JSONText
import Primitives
import Testing

/// Parity vectors made with the training libraries; they are not part of this repository.
enum SharedVectors {
    static let absence: Comment = "no parity vectors: set INDELIBLE_SHARED to the folder that holds vectors/gbt"

    static let folder: URL? = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let shared =
            ProcessInfo.processInfo.environment["INDELIBLE_SHARED"].map { URL(filePath: $0) }
            ?? root.appending(path: "../shared")
        let vectors = shared.appending(path: "vectors/gbt").standardizedFileURL
        return FileManager.default.fileExists(atPath: vectors.path) ? vectors : nil
    }()

    /// One set of rows with what the training library said about them.
    struct Expectation {
        let modelFiles: [String]
        let rows: [[UInt64]]
        let margins: [[UInt64]]
        let predictions: [[UInt64]]
        let leaves: [[Int]]
        /// Whether values are binary32; else binary64.
        let isSingle: Bool

        init(_ name: String) throws {
            let json = try JSONValue(parsing: SharedVectors.bytes("\(name).expected.json"))
            self.modelFiles = try #require(json["model_files"]?.array).map { try #require($0.string) }
            self.rows = try Self.words(json["inputs_hex"])
            self.margins = try Self.words(json["raw_hex"])
            self.predictions = try Self.words(json["pred_hex"])
            self.leaves = try #require(json["leaf"]?.array).map { row in
                try #require(row.array).map { try #require($0.number?.double.map { Int($0) }) }
            }
            self.isSingle = json["inputs_hex"]?[0]?[0]?.string?.count == 8
        }

        private static func words(_ rows: JSONValue?) throws -> [[UInt64]] {
            try #require(rows?.array).map { row in
                try #require(row.array).map { word in try #require(word.string.flatMap { UInt64($0, radix: 16) }) }
            }
        }
    }

    /// What ONNX Runtime gave, in decimal.
    struct ONNXExpectation {
        let rows: [[Float]]
        let outputs: [[Double]]

        init(_ name: String) throws {
            let json = try JSONValue(parsing: try SharedVectors.bytes("\(name).expected.json"))
            self.rows = try #require(json["inputs_hex"]?.array).map { row in
                try #require(row.array).map { word in
                    Float(bitPattern: try #require(word.string.flatMap { UInt32($0, radix: 16) }))
                }
            }
            let outputs = try #require(json["outputs"])
            let values = try #require(outputs["probabilities"] ?? outputs["variable"] ?? outputs["y"])
            self.outputs = try #require(values.array).map { row in
                try #require(row.array).map { try #require($0.number?.double) }
            }
        }
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: try #require(Self.folder).appending(path: name)))
    }

    /// Names of the expectations for models of a library.
    static func names(_ prefix: String) -> [String] {
        guard let folder, let files = try? FileManager.default.contentsOfDirectory(atPath: folder.path) else {
            return []
        }
        return files.filter { $0.hasPrefix(prefix) && $0.hasSuffix(".expected.json") }
            .map { String($0.dropLast(".expected.json".count)) }.sorted()
    }
}
