/// Something in a log that is not as it must be, and where.
package struct Finding: Error, Equatable, Sendable {
    /// Stable names; they are printed and put on record.
    package enum Kind: String, Sendable, CaseIterable {
        /// A checkpoint that cannot be read, or is not signed by the log's key.
        case checkpoint
        /// A checkpoint that contradicts what was seen before.
        case rewritten
        /// A log that has become shorter than it was.
        case truncated
        /// A file or an entry that must be there and is not.
        case missing
        /// A bundle or tile of the wrong form or length.
        case malformed
        /// An entry whose hash is not the recorded one.
        case entry
        /// A tile that does not follow from the entries.
        case tile
        /// A root that does not follow from the entries.
        case root
        /// A seal that does not seal what stands before it.
        case seal
    }

    package let kind: Kind
    /// The first entry concerned; `nil` when it cannot be told.
    package let index: UInt64?
    /// The file or resource concerned.
    package let path: String?
    package let expected: String?
    package let found: String?

    package init(
        _ kind: Kind,
        index: UInt64? = nil,
        path: String? = nil,
        expected: String? = nil,
        found: String? = nil,
    ) {
        self.kind = kind
        self.index = index
        self.path = path
        self.expected = expected
        self.found = found
    }
}
