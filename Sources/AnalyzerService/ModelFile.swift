import AnalyzerCore
import Primitives
import ServiceKit
import Storage

/// The model file of this process.
enum ModelFile {
    /// Reads the file that the operator named, or the shipped one.
    ///
    /// - Throws: ``IndelibleError/Code/notFound`` when there is no such file; what ``AnalyzerModel/init(_:)`` throws.
    static func load(_ path: String?) throws(IndelibleError) -> AnalyzerModel {
        let path = if let path { path } else { try ShippedModel.path() }
        let (files, name) = try HostPath(path).open()
        guard let bytes = try files.readAll(name, byteCountMax: AnalyzerModel.fileByteCountMax) else {
            throw IndelibleError(.notFound, "There is no model in \(path). Give the path of one with --model.")
        }
        return try AnalyzerModel(bytes)
    }
}
