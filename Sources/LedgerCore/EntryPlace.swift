package import Primitives
package import Storage

/// Where an entry's bytes are on the disk, for those who look at a log's files from outside.
package struct EntryPlace: Equatable, Sendable {
    /// Of a sealed segment, relative to the log's directory.
    package let path: String
    /// In that file, without the entry's length.
    package let bytes: Range<UInt64>

    /// Finds an entry.
    ///
    /// - Parameters:
    ///   - index: Of the entry.
    ///   - files: The log's directory; it may be in use.
    /// - Returns: `nil` when the entry is in no segment yet.
    /// - Throws: ``IndelibleError/Code/notFound`` when there is no log; ``IndelibleError/Code/dataLoss`` when the segment is
    ///   damaged.
    package static func find(_ index: UInt64, in files: any FileSystem) throws(IndelibleError) -> EntryPlace? {
        guard let identity = try LogIdentity.read(from: files) else {
            throw IndelibleError(.notFound, "There is no log in this directory. Name the directory of a log.")
        }
        let number = Int(index) / identity.segmentEntryCount
        guard try files.exists(SegmentLayout.path(number)) else { return nil }
        let segment = try SegmentFile(number, files: files, identity: identity)
        return EntryPlace(
            path: SegmentLayout.path(number),
            bytes: try segment.place(of: Int(index) % identity.segmentEntryCount),
        )
    }
}
