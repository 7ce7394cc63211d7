internal import Primitives
internal import Storage
internal import TransparencyLog

/// The file `checkpoint`: the last signed note that anybody may have seen.
struct CheckpointFile {
    static let path = "checkpoint"
    /// Bytes; more than a note with as many cosignatures as any policy wants.
    static let byteCountMax = 1 << 20

    let files: any FileSystem

    /// - Returns: `nil` when the log has never signed.
    func read() throws(IndelibleError) -> SignedCheckpoint? {
        guard let bytes = try self.files.readAll(Self.path, byteCountMax: Self.byteCountMax) else { return nil }
        do throws(IndelibleError) { return try SignedCheckpoint(parsing: bytes) } catch {
            throw IndelibleError(
                .dataLoss,
                "The file \(Self.path) is damaged. Restore it from a copy, or from what a witness or verifier last saw.",
                cause: error,
            )
        }
    }

    func write(_ checkpoint: SignedCheckpoint) throws(IndelibleError) {
        try self.files.replaceDurably(Self.path, with: checkpoint.bytes)
    }

    /// Refuses a log that does not hold what it has signed.
    func check(against reader: LogReader, origin: String) throws(IndelibleError) {
        guard let checkpoint = try self.read()?.checkpoint else { return }
        guard checkpoint.origin == origin else {
            throw IndelibleError(
                .failedPrecondition,
                "The checkpoint is of \(checkpoint.origin), but the log is \(origin). Restore the right file.",
            )
        }
        guard checkpoint.size <= reader.size else {
            throw LogRecovery.shorter("a checkpoint of \(checkpoint.size) entries is signed, \(reader.size) are left")
        }
        guard try reader.root(size: checkpoint.size) == checkpoint.root else {
            throw IndelibleError(
                .dataLoss,
                """
                The first \(checkpoint.size) entries are not those that the checkpoint was signed for. Nothing was changed. \
                Run indelible fsck, and restore the directory from a copy.
                """,
            )
        }
    }
}
