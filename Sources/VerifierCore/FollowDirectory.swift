package import Primitives
package import Storage
internal import TransparencyLog

/// Where a verifier keeps what it knows of each log: a directory for each, named by the hash of its origin.
///
/// The first releases followed one log and kept it in the directory itself.
package enum FollowDirectory {
    package static let path = "follow"
    /// What those releases kept, the checkpoint last: as long as it is there, the rest may have to be moved.
    private static let oldNames =
        (0...7).map { "level-\($0)" } + ["seals", "rescan", "verification.json", "checkpoint"]

    /// The directory of one log.
    package static func path(of hash: String) -> String { "\(Self.path)/\(hash)" }

    /// Moves what an old release remembers to its place, so that nothing is read on trust again.
    ///
    /// - Parameters:
    ///   - files: The verifier's directory.
    ///   - hashes: Of the origins of the logs that are followed.
    /// - Returns: Whether something was moved.
    /// - Throws: ``IndelibleError/Code/failedPrecondition`` when it cannot be told which log it is of; what the disk throws.
    @discardableResult
    package static func migrate(_ files: any FileSystem, to hashes: [String]) throws(IndelibleError) -> Bool {
        guard try files.exists("\(Self.path)/checkpoint") else { return false }
        guard hashes.count == 1, let hash = hashes.first else {
            throw IndelibleError(
                .failedPrecondition,
                "\(Self.path)/ remembers one log, as verifiers before this one kept it, and \(hashes.count) are followed. "
                    + "Start once with that log alone (--log, --ledger), then with all.",
            )
        }
        let target = Self.path(of: hash)
        let max = SignedNote.byteCountMax
        if let new = try files.readAll("\(target)/checkpoint", byteCountMax: max),
            try files.readAll("\(Self.path)/checkpoint", byteCountMax: max) != new
        {
            throw IndelibleError(
                .failedPrecondition,
                "\(Self.path)/ and \(target)/ both remember a log. Move \(Self.path)/checkpoint and the files beside it away.",
            )
        }
        try files.createDirectory(target)
        for name in Self.oldNames where try files.exists("\(Self.path)/\(name)") {
            // Whatever stands behind the move in time must not be durable before it.
            if name == Self.oldNames.last { try files.syncDirectory(target) }
            try files.rename("\(Self.path)/\(name)", to: "\(target)/\(name)")
        }
        try files.syncDirectory(target)
        try files.syncDirectory(Self.path)
        return true
    }
}
