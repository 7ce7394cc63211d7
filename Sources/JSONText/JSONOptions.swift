/// What a reader accepts beyond the grammar, and the bounds that hostile text cannot cross.
package struct JSONOptions: Sendable, Equatable {
    /// What becomes of a name that an object has already used (RFC 8259, section 4 leaves it open).
    package enum DuplicateKeys: Sendable, Equatable {
        case refuse
        /// The object keeps every member in order; look-ups find the first, and ``JSONObject/duplicateKeys`` names them.
        case report
    }

    /// What becomes of an escaped half of a surrogate pair, which no UTF-8 text can hold.
    package enum LoneSurrogates: Sendable, Equatable {
        case refuse
        /// U+FFFD stands for it; the raw bytes still show it.
        case replace
    }

    /// Arrays and objects inside one another; a scalar alone has depth 0.
    package var depthMax: Int
    /// Bytes of one text.
    package var byteCountMax: Int
    /// Values in one text, containers included: what bounds the memory of a tree (about 32 bytes each, beside long strings).
    package var valueCountMax: Int
    package var duplicateKeys: DuplicateKeys
    package var loneSurrogates: LoneSurrogates

    /// - Precondition: `depthMax` is at most ``depthCeiling``, since reading recurses.
    package init(
        depthMax: Int = 128,
        byteCountMax: Int = 256 << 20,
        valueCountMax: Int = 64 << 20,
        duplicateKeys: DuplicateKeys = .refuse,
        loneSurrogates: LoneSurrogates = .refuse,
    ) {
        precondition(depthMax <= Self.depthCeiling, "the reader recurses: at most \(Self.depthCeiling) levels")
        self.depthMax = depthMax
        self.byteCountMax = byteCountMax
        self.valueCountMax = valueCountMax
        self.duplicateKeys = duplicateKeys
        self.loneSurrogates = loneSurrogates
    }

    /// Levels that fit the smallest stack in use (512 KiB) with room to spare.
    package static let depthCeiling = 512

    /// For texts that a person or a program of ours wrote: anything doubtful is refused.
    package static let strict = JSONOptions()

    /// For records of foreign systems, whose raw bytes are kept whatever the tree says.
    package static let records = JSONOptions(
        byteCountMax: 64 << 20,
        valueCountMax: 4 << 20,
        duplicateKeys: .report,
        loneSurrogates: .replace,
    )
}
