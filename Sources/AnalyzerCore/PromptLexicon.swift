/// How much the words of a prompt, and pairs of words beside each other, sound like an attack: learnt weights, summed.
///
/// A word is a run of ASCII letters and digits, apostrophes and bytes above 127, whatever its case; an escape of JSON ends
/// one. Each bucket that a prompt's words and pairs fall into counts once. The score is the sum of its buckets' weights,
/// over the square root of their number. Weights are whole numbers from -32 to 31: `tools/train/lexicon.py` makes them, of
/// prompts alone, and they are part of the feature schema.
package struct PromptLexicon: Sendable {
    package static let v1 = PromptLexicon(Self.table)
    package static let bucketCount = 8192
    /// Scores stop here, above and below.
    package static let scoreMax = 2047

    private let weights: [Int8]

    /// - Precondition: `table` has a letter of ``alphabet`` for each bucket.
    private init(_ table: String) {
        let alphabet = Array(Self.alphabet.utf8)
        let weights = table.utf8.map { letter in Int8((alphabet.firstIndex(of: letter) ?? 32) - 32) }
        precondition(weights.count == Self.bucketCount, "a weight for each bucket")
        self.weights = weights
    }

    /// The digits of ``table``: the first stands for -32.
    static let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    /// For the schema's hash.
    static var canonicalLine: String { "lexicon prompt \(Self.bucketCount): \(Self.table)" }

    package func score(_ text: Span<UInt8>) -> Int32 {
        var seen = [UInt64](repeating: 0, count: Self.bucketCount / 64)
        var sum = 0
        var count = 0
        func add(_ hash: FNV) {
            let bucket = Int((hash.value ^ hash.value >> 32) % UInt64(Self.bucketCount))
            guard seen[bucket >> 6] >> UInt64(bucket & 63) & 1 == 0 else { return }
            seen[bucket >> 6] |= 1 << UInt64(bucket & 63)
            sum += Int(self.weights[bucket])
            count += 1
        }
        var word = FNV()
        /// Goes on from the word before.
        var pair: FNV?
        var isInWord = false
        func endWord() {
            guard isInWord else { return }
            add(word)
            if let pair { add(pair) }
            pair = word
            pair?.update(0x20)
            word = FNV()
            isInWord = false
        }
        var position = 0
        while position < text.count {
            let byte = text[position]
            if Self.isOfWord(byte) {
                word.update(ASCII.folded(byte))
                pair?.update(ASCII.folded(byte))
                isInWord = true
            } else {
                endWord()
                if byte == UInt8(ascii: "\\") { position += 1 }
            }
            position += 1
        }
        endWord()
        guard count > 0 else { return 0 }
        let score = sum * 64 / Self.squareRoot(count << 8)
        return Int32(max(-Self.scoreMax, min(Self.scoreMax, score)))
    }

    private static func isOfWord(_ byte: UInt8) -> Bool {
        ASCII.isLetter(byte) || ASCII.isDigit(byte) || byte > 127 || byte == UInt8(ascii: "'")
    }

    /// Rounded down; by Newton's method, in whole numbers.
    static func squareRoot(_ value: Int) -> Int {
        guard value > 1 else { return value }
        var root = value
        var next = (value + 1) / 2
        while next < root {
            root = next
            next = (root + value / root) / 2
        }
        return root
    }
}
