import BoostedTrees
import Primitives
import ServiceKit
import Storage

/// A model file that somebody named on the command line.
enum ModelSource {
    /// - Throws: ``IndelibleError/Code/invalidArgument`` naming the file, and the place in it where there is one.
    static func load(_ path: String) throws(IndelibleError) -> BoostedModel {
        do throws(IndelibleError) {
            let (files, name) = try HostPath(path).open()
            guard let bytes = try files.readAll(name, byteCountMax: ModelLimits().fileByteCountMax) else {
                throw IndelibleError(.invalidArgument, "there is no such file; check the path.")
            }
            return try BoostedModel(bytes)
        } catch { throw IndelibleError(.invalidArgument, "\(path): \(error.message)", cause: error.cause) }
    }
}
