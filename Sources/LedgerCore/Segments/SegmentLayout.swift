/// The names and numbers that writers and readers of segments share.
enum SegmentLayout {
    static let directory = "segments"
    /// Entries of a bundle (C2SP tlog-tiles).
    static let bundleEntryCount = 256

    /// Entries of a stored bundle: fewer in segments so small that only tests have them.
    static func bundleEntryCount(capacity: Int) -> Int { min(Self.bundleEntryCount, max(1, capacity / 4)) }

    /// Levels of the tree below a tile's root (C2SP tlog-tiles).
    static let tileHeight = 8
    /// Lowest level whose hashes are kept in memory for proofs; what is below is computed from 16 leaves.
    static let proofLevel = 4
    /// Buckets of the index of event ids, by the fingerprint's top byte.
    static let bucketCount = 256
    static let identifierByteCount = 5

    /// Where the segment of that number among the log's is.
    static func path(_ number: Int) -> String {
        let digits = String(number)
        return "\(Self.directory)/\(String(repeating: "0", count: max(0, 12 - digits.count)))\(digits).seg"
    }

    /// The number in a file's name; `nil` for files of somebody else.
    static func number(_ name: String) -> Int? {
        guard name.hasSuffix(".seg"), let number = Int(name.dropLast(4)) else { return nil }
        return "\(Self.directory)/\(name)" == Self.path(number) ? number : nil
    }
}
