import AnalyzerCore
import Foundation
import Primitives
import ServiceKit
import Storage

/// The model file of this process.
enum ModelFile {
    /// Of the model that is shipped.
    static let shippedName = "indelible-v1.json"

    /// Reads the file that the operator named, or the shipped one.
    ///
    /// - Throws: ``IndelibleError/Code/notFound`` when there is no such file; what ``AnalyzerModel/init(_:)`` throws.
    static func load(_ path: String?) throws(IndelibleError) -> AnalyzerModel {
        let path = if let path { path } else { try Self.shipped() }
        let (files, name) = try HostPath(path).open()
        guard let bytes = try files.readAll(name, byteCountMax: AnalyzerModel.fileByteCountMax) else {
            throw IndelibleError(.notFound, "There is no model in \(path). Give the path of one with --model.")
        }
        return try AnalyzerModel(bytes)
    }

    /// Beside the installed executable (`../share/indelible/models`), or in a folder `models` above a built one.
    private static func shipped() throws(IndelibleError) -> String {
        let executable = (Bundle.main.executableURL ?? URL(filePath: "/")).resolvingSymlinksInPath()
        var folder = executable.deletingLastPathComponent()
        var candidates = [folder.appending(path: "../share/indelible/models").standardizedFileURL]
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            candidates.append(folder.appending(path: "models"))
        }
        for candidate in candidates {
            let path = candidate.appending(path: Self.shippedName).path
            if FileManager.default.isReadableFile(atPath: path) { return path }
        }
        throw IndelibleError(
            .notFound,
            "There is no \(Self.shippedName) near \(executable.path). Give one with --model.",
        )
    }
}
