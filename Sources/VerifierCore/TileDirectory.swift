package import Primitives
package import Storage
package import TransparencyLog

/// A log as static files in a directory, as `export tiles` writes it and web servers serve it.
package struct TileDirectory {
    package enum Outcome: Equatable, Sendable {
        case verified(Checkpoint)
        case finding(Finding)
    }

    private let files: any FileSystem
    /// Ends in a slash; empty for the root of `files`.
    private let prefix: String

    package init(files: any FileSystem, directory: String = "") {
        self.files = files
        self.prefix = directory.isEmpty ? "" : directory + "/"
    }

    /// Verifies everything: the checkpoint's signature, each entry, each tile of each level, the root.
    ///
    /// - Parameters:
    ///   - key: The log's.
    ///   - progress: Called now and then with the number of entries checked and the number there are.
    /// - Returns: The checkpoint that covers all, or the first thing that is wrong.
    /// - Throws: What the disk throws.
    package func verify(
        key: VerifierKey,
        progress: (UInt64, UInt64) -> Void = { _, _ in },
    ) throws(IndelibleError) -> Outcome {
        guard let note = try self.files.readAll(self.prefix + "checkpoint", byteCountMax: SignedNote.byteCountMax)
        else {
            return .finding(Finding(.checkpointInvalid, path: "checkpoint", found: "no such file"))
        }
        let checkpoint: Checkpoint
        do throws(IndelibleError) {
            checkpoint = try SignedCheckpoint(parsing: note, signedBy: key).checkpoint
        } catch {
            return .finding(Finding(.checkpointInvalid, path: "checkpoint", expected: key.name, found: error.message))
        }
        var verifier = TileVerifier(checkpoint: checkpoint)
        var buffer: [UInt8] = []
        while true {
            switch verifier.step {
            case .read(let path):
                let path = self.prefix + path.description
                let max = EntryBundle.byteCountMax
                if let count = try self.files.read(path, into: &buffer, byteCountMax: max) {
                    try verifier.supply(&buffer, byteCount: count)
                } else {
                    verifier.supplyNothing()
                }
                progress(verifier.entryCount, checkpoint.size)
            case .verified(let checkpoint): return .verified(checkpoint)
            case .finding(let finding): return .finding(finding)
            }
        }
    }
}
