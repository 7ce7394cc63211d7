import AnalyzerCore
import Primitives
import ServiceKit
import Storage

/// The model that verdicts are computed again with.
enum VerdictModel {
    /// - Parameter path: `nil` for the shipped one.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` naming the file.
    static func load(_ path: String?) throws(IndelibleError) -> AnalyzerModel {
        let path = if let path { path } else { try ShippedModel.path() }
        do throws(IndelibleError) {
            let (files, name) = try HostPath(path).open()
            guard let bytes = try files.readAll(name, byteCountMax: AnalyzerModel.fileByteCountMax) else {
                throw IndelibleError(.invalidArgument, "there is no such file; check the path.")
            }
            return try AnalyzerModel(bytes)
        } catch { throw IndelibleError(.invalidArgument, "\(path): \(error.message)", cause: error.cause) }
    }
}
