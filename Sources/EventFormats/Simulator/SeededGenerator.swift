internal import Primitives

/// Chance that is the same on every machine: choices made by integers only.
struct SeededGenerator: Sendable {
    private var numbers: SplitMix64

    init(seed: UInt64) { self.numbers = SplitMix64(seed: seed) }

    mutating func next() -> UInt64 { self.numbers.next() }

    /// A number from 0 to `bound` - 1.
    ///
    /// - Precondition: `bound` is positive.
    mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0, "there is no number below \(bound)")
        return Int(self.next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int { range.lowerBound + self.below(range.count) }

    mutating func chance(perMille: Int) -> Bool { self.below(1000) < perMille }

    /// - Precondition: `choices` is not empty.
    mutating func pick<Choice>(_ choices: [Choice]) -> Choice { choices[self.below(choices.count)] }

    /// A position below `count` by Zipf's law: the first is twice as likely as the second, and so on.
    mutating func zipf(_ count: Int) -> Int {
        let scale = 1 << 20
        let total = (1...count).reduce(0) { $0 + scale / $1 }
        var rest = self.below(total)
        for position in 0..<count {
            rest -= scale / (position + 1)
            if rest < 0 { return position }
        }
        return count - 1
    }

    /// One of `choices`, early ones more often (``zipf(_:)``).
    mutating func habit<Choice>(_ choices: [Choice]) -> Choice { choices[self.zipf(choices.count)] }

    /// A position drawn by weight.
    mutating func weighted(_ weights: [Int]) -> Int {
        var rest = self.below(weights.reduce(0, +))
        for (position, weight) in weights.enumerated() {
            rest -= weight
            if rest < 0 { return position }
        }
        return weights.count - 1
    }

    mutating func text(_ count: Int, from alphabet: String) -> String {
        let characters = Array(alphabet.utf8)
        return String(decoding: (0..<count).map { _ in characters[self.below(characters.count)] }, as: UTF8.self)
    }

    mutating func hex(_ count: Int) -> String { self.text(count, from: "0123456789abcdef") }
    mutating func upper(_ count: Int) -> String { self.text(count, from: "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") }

    /// A version 4 UUID (RFC 9562).
    mutating func uuid() -> String {
        "\(self.hex(8))-\(self.hex(4))-4\(self.hex(3))-\(self.text(1, from: "89ab"))\(self.hex(3))-\(self.hex(12))"
    }
}
