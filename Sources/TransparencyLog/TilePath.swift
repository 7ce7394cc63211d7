/// Names one static file of a log: a hash tile or an entry bundle, full or partial (C2SP tlog-tiles).
package struct TilePath: Hashable, Sendable {
    /// Hashes in a full tile, entries in a full bundle.
    package static let widthMax = 256
    package static let levelMax = 63
    /// Six groups of three digits; all trees that a checkpoint can name need fewer.
    package static let indexMax: UInt64 = 999_999_999_999_999_999

    /// What the file holds.
    package enum Content: Hashable, Sendable {
        /// Entries, each with its length before it.
        case entries
        /// Hashes, 32 bytes each; those of level 0 are the leaves'.
        case hashes(level: Int)
    }

    package let content: Content
    package let index: UInt64
    /// 1 to ``widthMax``; less than that makes it a partial tile.
    package let width: Int

    /// - Returns: `nil` when a part is out of its range.
    package init?(_ content: Content, index: UInt64, width: Int = widthMax) {
        if case .hashes(let level) = content, !(0...Self.levelMax).contains(level) { return nil }
        guard index <= Self.indexMax, (1...Self.widthMax).contains(width) else { return nil }
        self.content = content
        self.index = index
        self.width = width
    }

    /// Reads the part of a URL after the log's prefix, without a slash at its front.
    ///
    /// - Returns: `nil` for everything that ``description`` would not write.
    package init?(parsing path: some StringProtocol) {
        var parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard (3...10).contains(parts.count), parts[0] == "tile", let content = Self.content(parts[1]) else {
            return nil
        }
        var width = Self.widthMax
        if parts[parts.count - 2].hasSuffix(".p") {
            guard let partial = Decimal.parse(parts.removeLast()), partial < UInt64(Self.widthMax) else { return nil }
            width = Int(partial)
            parts[parts.count - 1].removeLast(2)
        }
        var index: UInt64 = 0
        for (position, group) in parts.dropFirst(2).enumerated() {
            let isLast = position == parts.count - 3
            guard position < 6, let value = Self.group(group, isLast: isLast) else { return nil }
            index = index * 1000 + value
        }
        self.init(content, index: index, width: width)
        guard self.description.utf8.elementsEqual(path.utf8) else { return nil }
    }

    package var isPartial: Bool { self.width < Self.widthMax }

    /// 0 for bundles, which stand beside the leaves.
    package var level: Int {
        switch self.content {
        case .entries: 0
        case .hashes(let level): level
        }
    }

    /// The full tile that replaces this one in time.
    package var full: TilePath { TilePath(content: self.content, index: self.index) }

    /// The entries that the tile covers.
    ///
    /// - Returns: `nil` when no log can have them all.
    package var entries: Range<UInt64>? {
        let shift = 8 * self.level
        guard self.index <= Checkpoint.sizeMax >> 8 else { return nil }
        let first = self.index << 8
        guard first + UInt64(self.width) <= Checkpoint.sizeMax >> shift else { return nil }
        return first << shift..<(first + UInt64(self.width)) << shift
    }

    /// Whether a tree of `size` entries has everything that the tile holds, so that a server can answer it.
    package func exists(inTreeOf size: UInt64) -> Bool {
        self.entries.map { $0.upperBound <= size } ?? false
    }

    private init(content: Content, index: UInt64) {
        self.content = content
        self.index = index
        self.width = Self.widthMax
    }

    private static func content(_ text: String) -> Content? {
        if text == "entries" { return .entries }
        guard let level = Decimal.parse(text), level <= UInt64(Self.levelMax) else { return nil }
        return .hashes(level: Int(level))
    }

    /// Three digits, after an `x` in every group but the last.
    private static func group(_ text: String, isLast: Bool) -> UInt64? {
        let digits = isLast ? text[...] : text.dropFirst()
        guard digits.utf8.count == 3, isLast || text.utf8.first == UInt8(ascii: "x") else { return nil }
        return digits.utf8.reduce(UInt64?(0)) { value, digit in
            guard let value, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            return value * 10 + UInt64(digit - UInt8(ascii: "0"))
        }
    }
}

extension TilePath: CustomStringConvertible {
    /// Such as `tile/0/x001/x234/067` or `tile/entries/273.p/112`.
    package var description: String {
        var groups: [String] = []
        var rest = self.index
        repeat {
            let digits = String(rest % 1000)
            groups.append(
                (groups.isEmpty ? "" : "x") + String(repeating: "0", count: 3 - digits.utf8.count) + digits
            )
            rest /= 1000
        } while rest > 0
        let kind =
            switch self.content {
            case .entries: "entries"
            case .hashes(let level): String(level)
            }
        return "tile/\(kind)/\(groups.reversed().joined(separator: "/"))"
            + (self.isPartial ? ".p/\(self.width)" : "")
    }
}
