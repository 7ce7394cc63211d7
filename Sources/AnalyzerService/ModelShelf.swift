import AnalyzerCore
import Primitives
import ServiceKit
import Storage

/// Model files by their hash: this process's own, and those that the log's ModelRecords name.
struct ModelShelf {
    let own: AnalyzerModel
    /// Folder of files that are called like their SHA-256 in hexadecimal; `nil` when there is none.
    let directory: String?

    /// - Throws: ``IndelibleError/Code/notFound`` when the file is not there or not what its name says: nothing can
    ///   be judged before an operator has brought it.
    func model(_ hash: Digest) throws(IndelibleError) -> AnalyzerModel {
        if hash == self.own.hash { return self.own }
        guard let directory = self.directory else {
            throw Self.missing(hash, "Start the analyzer with --models and the folder that has it.")
        }
        let (files, name) = try HostPath("\(directory)/\(hash.hex)").open()
        guard let bytes = try files.readAll(name, byteCountMax: AnalyzerModel.fileByteCountMax) else {
            throw Self.missing(hash, "Copy it to \(directory)/\(hash.hex).")
        }
        let model = try AnalyzerModel(bytes)
        guard model.hash == hash else {
            throw Self.missing(hash, "\(directory)/\(hash.hex) is another file; replace it.")
        }
        return model
    }

    private static func missing(_ hash: Digest, _ way: String) -> IndelibleError {
        IndelibleError(.notFound, "The log names the model \(hash.hex), whose file is not here. \(way)")
    }
}
