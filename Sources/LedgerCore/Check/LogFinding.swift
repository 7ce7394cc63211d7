/// Something in a log's directory that is not as it must be.
package struct LogFinding: Error, Equatable, Sendable {
    /// What is wrong; the text is stable.
    package enum Kind: String, Sendable, CaseIterable {
        /// The file that says which log this is.
        case identity
        case missingSegment = "missing_segment"
        /// A segment's description of itself.
        case manifest
        /// A table in a segment.
        case region
        /// An entry's bytes do not have the leaf hash that was recorded.
        case entry
        /// Leaf hashes and the nodes above them do not fit.
        case tree
        /// The record of segments' roots; the next start repairs it.
        case roots
        case journal
        case producers
        case checkpoint
        case payload
        /// The disk could not be read.
        case unreadable
    }

    package let kind: Kind
    /// Relative to the log's directory.
    package let path: String
    /// Of the first entry concerned, where one is.
    package let index: UInt64?
    package let expected: String
    package let found: String

    package init(_ kind: Kind, _ path: String, index: UInt64? = nil, expected: String, found: String) {
        self.kind = kind
        self.path = path
        self.index = index
        self.expected = expected
        self.found = found
    }
}

/// What a check saw.
package struct LogCheckSummary: Equatable, Sendable {
    /// Entries whose bytes were hashed and fitted.
    package var entryCount: UInt64 = 0
    package var segmentCount = 0
    package var payloadCount = 0
    package var findingCount = 0
    /// Of all entries, when there is no finding before the journal's end.
    package var size: UInt64 = 0

    package init() {}
}
