import Cryptography
package import Primitives
package import Storage
package import VerifierCore

/// Proofs that a log forked, kept as files for whoever must be convinced.
package struct EvidenceShelf {
    /// Files kept for one log; the first ones say it all.
    private static let countMax = 64
    private static let prefix = "fork-"

    private let files: any FileSystem
    private let directory: String
    /// The first one, in its text form.
    package private(set) var first: [UInt8]?

    /// - Parameter directory: in `files`, of one log alone; made when there is something to keep.
    package init(files: any FileSystem, directory: String) throws(IndelibleError) {
        self.files = files
        self.directory = directory
        if let name = try files.list(directory).first(where: { $0.hasPrefix(Self.prefix) }) {
            self.first = try files.readAll("\(directory)/\(name)", byteCountMax: ForkEvidence.byteCountMax)
        }
    }

    /// Keeps a proof, durably.
    ///
    /// - Returns: Its path; `nil` when there are enough.
    package mutating func keep(_ evidence: ForkEvidence) throws(IndelibleError) -> String? {
        let bytes = evidence.bytes
        try self.files.createDirectory(self.directory)
        guard try self.files.list(self.directory).count < Self.countMax else { return nil }
        let path = "\(self.directory)/\(Self.prefix)\(try SHA256.hash(bytes).hex.prefix(16))"
        try self.files.replaceDurably(path, with: bytes)
        self.first = self.first ?? bytes
        return path
    }
}
