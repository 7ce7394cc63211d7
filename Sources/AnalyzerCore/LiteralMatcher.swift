/// Finds every one of a fixed list of literals in one pass over a text, whatever the case of its ASCII letters.
///
/// An Aho–Corasick automaton with all its transitions spelled out: one table look-up for each byte.
package struct LiteralMatcher: Sendable {
    /// The literals found: one bit each, in the order of the list.
    package struct Hits: Equatable, Sendable {
        fileprivate(set) var words: [UInt64]
        /// Of each located literal, how many bytes of the text are before the end of its first occurrence; -1 without one.
        package fileprivate(set) var ends: [Int]

        mutating func removeAll() {
            for position in self.words.indices { self.words[position] = 0 }
            for position in self.ends.indices { self.ends[position] = -1 }
        }

        package func contains(_ literal: Int) -> Bool { self.words[literal >> 6] >> UInt64(literal & 63) & 1 != 0 }

        /// The first literal of the list that was found.
        package var first: Int? {
            for (position, word) in self.words.enumerated() where word != 0 {
                return position << 6 + word.trailingZeroBitCount
            }
            return nil
        }

        /// Counts the literals found, each for its group.
        ///
        /// - Parameter groups: of each literal, its position in `counts`; -1 for none.
        package func count(by groups: [Int], in counts: inout [Int32]) {
            for (position, word) in self.words.enumerated() {
                var rest = word
                while rest != 0 {
                    let group = groups[position << 6 + rest.trailingZeroBitCount]
                    if group >= 0 { counts[group] += 1 }
                    rest &= rest - 1
                }
            }
        }
    }

    private let literalCount: Int
    /// So many literals, from the first, are located and not only found.
    private let locatedCount: Int
    /// Bytes that no literal has share column 0.
    private let columns: [UInt8]
    private let columnCount: Int
    /// Row per state: where the next state's row begins, times two, plus one when literals end there.
    private let next: [UInt32]
    /// Bytes of the longest literal before its last one.
    private let overlap: Int
    /// Literals that end in a state: `ends[endStarts[state]..<endStarts[state + 1]]`.
    private let endStarts: [UInt32]
    private let ends: [UInt16]

    /// - Parameters:
    ///   - literals: in lower case, not empty, and together shorter than 65,535 bytes.
    ///   - locating: for so many of them, from the first, ``Hits/ends`` says where.
    package init(_ literals: [String], locating locatedCount: Int = 0) {
        let bytes = literals.map { Array($0.utf8) }
        precondition(
            bytes.allSatisfy { !$0.isEmpty && $0.allSatisfy { !ASCII.isUpper($0) } },
            "literals are lower case",
        )
        precondition(bytes.reduce(0) { $0 + $1.count } < Int(UInt16.max), "states have 16 bits")
        var columns = [UInt8](repeating: 0, count: 256)
        var columnCount = 1
        for byte in bytes.joined() where columns[Int(byte)] == 0 {
            columns[Int(byte)] = UInt8(columnCount)
            columnCount += 1
        }
        for byte in UInt8(ascii: "A")...UInt8(ascii: "Z") { columns[Int(byte)] = columns[Int(ASCII.folded(byte))] }

        var trie = Trie(columnCount: columnCount)
        for (literal, text) in bytes.enumerated() {
            trie.insert(text.map { Int(columns[Int($0)]) }, literal: UInt16(literal))
        }
        trie.complete()
        precondition(locatedCount <= literals.count, "only literals can be located")
        self.literalCount = literals.count
        self.locatedCount = locatedCount
        self.columns = columns
        self.columnCount = columnCount
        self.next = trie.next.map { UInt32($0 * columnCount) << 1 | (trie.found[$0].isEmpty ? 0 : 1) }
        self.overlap = (bytes.map(\.count).max() ?? 1) - 1
        var starts: [UInt32] = [0]
        for found in trie.found { starts.append(starts[starts.count - 1] + UInt32(found.count)) }
        self.endStarts = starts
        self.ends = Array(trie.found.joined())
    }

    package var noHits: Hits {
        Hits(
            words: [UInt64](repeating: 0, count: (self.literalCount + 63) / 64),
            ends: [Int](repeating: -1, count: self.locatedCount),
        )
    }

    /// Adds what `text` contains; literals do not span two texts.
    package func scan(_ text: Span<UInt8>, into hits: inout Hits) {
        unsafe text.withUnsafeBufferPointer { text in
            var state: UInt32 = 0
            var position = 0
            let byteCount = (text.count - self.overlap) / 4
            // What is read twice must not be most of it.
            if byteCount >= self.overlap {
                state = unsafe self.scanFour(of: byteCount, text, into: &hits)
                position = 4 * byteCount + self.overlap
            }
            unsafe self.next.withUnsafeBufferPointer { next in
                while position < text.count {
                    state = unsafe next[Int(state >> 1) + Int(self.columns[Int(text[position])])]
                    if state & 1 != 0 { self.note(state, position, &hits) }
                    position += 1
                }
            }
        }
    }

    /// Reads four stretches side by side, as each look-up has to wait for the one before it in its stretch.
    ///
    /// Each goes on into the next one for as long as a literal may last that began before.
    ///
    /// - Returns: the state after the last one.
    private func scanFour(
        of byteCount: Int,
        _ text: UnsafeBufferPointer<UInt8>,
        into hits: inout Hits,
    ) -> UInt32 {
        unsafe self.columns.withUnsafeBufferPointer { columns in
            unsafe self.next.withUnsafeBufferPointer { next in
                var (first, second, third, fourth): (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
                for position in 0..<byteCount + self.overlap {
                    first = unsafe next[Int(first >> 1) + Int(columns[Int(text[position])])]
                    second = unsafe next[Int(second >> 1) + Int(columns[Int(text[position + byteCount])])]
                    third = unsafe next[Int(third >> 1) + Int(columns[Int(text[position + 2 * byteCount])])]
                    fourth = unsafe next[Int(fourth >> 1) + Int(columns[Int(text[position + 3 * byteCount])])]
                    guard (first | second | third | fourth) & 1 != 0 else { continue }
                    if first & 1 != 0 { self.note(first, position, &hits) }
                    if second & 1 != 0 { self.note(second, position + byteCount, &hits) }
                    if third & 1 != 0 { self.note(third, position + 2 * byteCount, &hits) }
                    if fourth & 1 != 0 { self.note(fourth, position + 3 * byteCount, &hits) }
                }
                return fourth
            }
        }
    }

    private func note(_ state: UInt32, _ position: Int, _ hits: inout Hits) {
        let row = Int(state >> 1) / self.columnCount
        for end in self.endStarts[row]..<self.endStarts[row + 1] {
            let literal = Int(self.ends[Int(end)])
            hits.words[literal >> 6] |= 1 << UInt64(literal & 63)
            guard literal < self.locatedCount else { continue }
            if hits.ends[literal] < 0 || hits.ends[literal] > position + 1 { hits.ends[literal] = position + 1 }
        }
    }
}

/// The automaton while it is built.
private struct Trie {
    private let columnCount: Int
    /// -1 where no literal goes on; after ``complete()`` always a state.
    private(set) var next: [Int]
    private(set) var found: [[UInt16]] = [[]]

    init(columnCount: Int) {
        self.columnCount = columnCount
        self.next = [Int](repeating: -1, count: columnCount)
    }

    mutating func insert(_ columns: [Int], literal: UInt16) {
        var state = 0
        for column in columns {
            let slot = state * self.columnCount + column
            if self.next[slot] == -1 {
                self.next[slot] = self.found.count
                self.found.append([])
                self.next += [Int](repeating: -1, count: self.columnCount)
            }
            state = self.next[slot]
        }
        self.found[state].append(literal)
    }

    /// Fills the missing transitions with those of the longest proper suffix, breadth first.
    mutating func complete() {
        var suffix = [Int](repeating: 0, count: self.found.count)
        var queue: [Int] = []
        for column in 0..<self.columnCount {
            if self.next[column] == -1 { self.next[column] = 0 } else { queue.append(self.next[column]) }
        }
        var position = 0
        while position < queue.count {
            let state = queue[position]
            position += 1
            self.found[state] += self.found[suffix[state]]
            for column in 0..<self.columnCount {
                let slot = state * self.columnCount + column
                let fallback = self.next[suffix[state] * self.columnCount + column]
                if self.next[slot] == -1 {
                    self.next[slot] = fallback
                } else {
                    suffix[self.next[slot]] = fallback
                    queue.append(self.next[slot])
                }
            }
        }
    }
}
