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
        var rest = PathCursor(Array(path.utf8))
        guard rest.skip("tile/") else { return nil }
        let content: Content
        if rest.skip("entries/") {
            content = .entries
        } else {
            guard let level = rest.decimal(max: Self.levelMax), rest.skip("/") else { return nil }
            content = .hashes(level: level)
        }
        guard let index = rest.index() else { return nil }
        var width = Self.widthMax
        if rest.skip(".p/") {
            guard let partial = rest.decimal(max: Self.widthMax - 1) else { return nil }
            width = partial
        }
        guard rest.isAtEnd else { return nil }
        self.init(content, index: index, width: width)
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
}

/// Reads a path from front to back, without taking it apart: a busy server reads some for every answer.
private struct PathCursor {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { self.position == self.bytes.count }

    mutating func skip(_ text: StaticString) -> Bool {
        let end = self.position + text.utf8CodeUnitCount
        guard end <= self.bytes.count else { return false }
        for offset in 0..<text.utf8CodeUnitCount
        where unsafe self.bytes[self.position + offset] != text.utf8Start[offset] { return false }
        self.position = end
        return true
    }

    /// A number without leading zeros, at most `max`.
    mutating func decimal(max: Int) -> Int? {
        var value = 0
        let start = self.position
        while let digit = self.digit() {
            value = value * 10 + digit
            guard value <= max, value > 0 || self.position == start + 1 else { return nil }
            // "0" and then another digit.
            guard self.position == start + 1 || self.bytes[start] != UInt8(ascii: "0") else { return nil }
        }
        return self.position > start ? value : nil
    }

    /// Up to six groups of three digits, with an `x` before each but the last; the first is not `x000`.
    mutating func index() -> UInt64? {
        var value: UInt64 = 0
        for _ in 0..<6 {
            let isLast = !self.skip("x")
            guard let hundreds = self.digit(), let tens = self.digit(), let ones = self.digit() else { return nil }
            value = value * 1000 + UInt64(hundreds * 100 + tens * 10 + ones)
            if isLast { return value }
            guard value > 0, self.skip("/") else { return nil }
        }
        return nil
    }

    private mutating func digit() -> Int? {
        guard self.position < self.bytes.count, case let byte = self.bytes[self.position],
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        else { return nil }
        self.position += 1
        return Int(byte - UInt8(ascii: "0"))
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
