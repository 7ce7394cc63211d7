/// A regular expression that takes a step for each byte and state, whatever the text (Thompson's construction): no text can
/// make it slow.
struct LinearRegex: Sendable {
    private enum Step: Sendable {
        case bytes(ByteSet, next: Int)
        case split(Int, Int)
        case assertion(RegexNode.Assertion, next: Int)
        case match
    }

    /// Parts looked at while the states are laid out: counts of empty groups make none, and could go on for ever.
    private static let workMax = 16_384

    private var steps: [Step] = []
    private var work = 0
    private var start = 0

    /// - Parameter line: of the value, for errors.
    /// - Throws: ``SigmaError`` for constructs that need backtracking, and for more states than
    ///   ``SigmaLimits/regexStateCountMax``.
    init(_ text: String, _ options: RegexParser.Options, line: Int) throws(SigmaError) {
        guard text.utf8.count <= SigmaLimits.patternByteCountMax else {
            throw SigmaError(
                line,
                "A regular expression has more than \(SigmaLimits.patternByteCountMax) bytes. Split it.",
            )
        }
        let node = try RegexParser.parse(text, options, line: line)
        let end = try self.add(.match, line)
        self.start = try self.add(node, before: end, line)
    }

    private mutating func add(_ step: Step, _ line: Int) throws(SigmaError) -> Int {
        try self.check(line)
        self.steps.append(step)
        return self.steps.count - 1
    }

    private func check(_ line: Int) throws(SigmaError) {
        guard self.steps.count < SigmaLimits.regexStateCountMax, self.work < Self.workMax else {
            throw SigmaError(
                line,
                "A regular expression needs more than \(SigmaLimits.regexStateCountMax) states. Use smaller counts.",
            )
        }
    }

    /// - Returns: where to begin so as to match `node` and then go on at `next`.
    private mutating func add(_ node: RegexNode, before next: Int, _ line: Int) throws(SigmaError) -> Int {
        self.work += 1
        try self.check(line)
        switch node {
        case .empty: return next
        case .bytes(let set): return try self.add(.bytes(set, next: next), line)
        case .assertion(let assertion): return try self.add(.assertion(assertion, next: next), line)
        case .sequence(let nodes):
            var next = next
            for node in nodes.reversed() { next = try self.add(node, before: next, line) }
            return next
        case .choice(let nodes):
            var start: Int?
            for node in nodes.reversed() {
                let branch = try self.add(node, before: next, line)
                start = if let other = start { try self.add(.split(branch, other), line) } else { branch }
            }
            return start ?? next
        case .repeated(let node, let atLeast, let atMost):
            var next = next
            if let atMost {
                let end = next
                for _ in 0..<max(0, atMost - atLeast) {
                    let once = try self.add(node, before: next, line)
                    next = try self.add(.split(once, end), line)
                }
            } else {
                let loop = try self.add(.split(0, next), line)
                let once = try self.add(node, before: loop, line)
                self.steps[loop] = .split(once, next)
                next = loop
            }
            for _ in 0..<atLeast { next = try self.add(node, before: next, line) }
            return next
        }
    }

    /// Whether some part of the text matches.
    func matches(_ text: [UInt8]) -> Bool {
        var current = StateSet(count: self.steps.count)
        var following = StateSet(count: self.steps.count)
        for position in 0...text.count {
            if self.enter(self.start, &current, text, position) { return true }
            guard position < text.count else { break }
            following.removeAll()
            for state in current.states {
                guard case .bytes(let set, let next) = self.steps[state], set.contains(text[position]) else { continue }
                if self.enter(next, &following, text, position + 1) { return true }
            }
            swap(&current, &following)
        }
        return false
    }

    /// Adds a state and those that follow without a byte.
    ///
    /// - Returns: whether the match is complete.
    private func enter(_ state: Int, _ set: inout StateSet, _ text: [UInt8], _ position: Int) -> Bool {
        var waiting = [state]
        while let state = waiting.popLast() {
            guard set.insert(state) else { continue }
            switch self.steps[state] {
            case .match: return true
            case .bytes: continue
            case .split(let first, let second): waiting += [second, first]
            case .assertion(let assertion, let next):
                if Self.holds(assertion, text, position) { waiting.append(next) }
            }
        }
        return false
    }

    private static func holds(_ assertion: RegexNode.Assertion, _ text: [UInt8], _ position: Int) -> Bool {
        let before = position > 0 ? text[position - 1] : nil
        let after = position < text.count ? text[position] : nil
        switch assertion {
        case .textStart: return before == nil
        case .textEnd: return after == nil || (after == 0x0a && position + 1 == text.count)
        case .lineStart: return before == nil || before == 0x0a
        case .lineEnd: return after == nil || after == 0x0a
        case .wordEdge: return Self.isWord(before) != Self.isWord(after)
        case .noWordEdge: return Self.isWord(before) == Self.isWord(after)
        }
    }

    private static func isWord(_ byte: UInt8?) -> Bool {
        guard let byte else { return false }
        return (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "_")
    }

    /// States in the order in which they came, each once.
    private struct StateSet {
        private(set) var states: [Int] = []
        private var isMember: [Bool]

        init(count: Int) { self.isMember = [Bool](repeating: false, count: count) }

        mutating func insert(_ state: Int) -> Bool {
            guard !self.isMember[state] else { return false }
            self.isMember[state] = true
            self.states.append(state)
            return true
        }

        mutating func removeAll() {
            for state in self.states { self.isMember[state] = false }
            self.states.removeAll(keepingCapacity: true)
        }
    }
}
