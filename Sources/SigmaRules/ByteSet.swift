/// A set of byte values.
struct ByteSet: Sendable, Hashable {
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    init() {}

    init(_ ranges: ClosedRange<UInt8>...) { for range in ranges { self.insert(range) } }

    func contains(_ byte: UInt8) -> Bool {
        let word =
            switch byte >> 6 {
            case 0: self.words.0
            case 1: self.words.1
            case 2: self.words.2
            default: self.words.3
            }
        return word >> UInt64(byte & 63) & 1 != 0
    }

    mutating func insert(_ byte: UInt8) {
        let bit: UInt64 = 1 << UInt64(byte & 63)
        switch byte >> 6 {
        case 0: self.words.0 |= bit
        case 1: self.words.1 |= bit
        case 2: self.words.2 |= bit
        default: self.words.3 |= bit
        }
    }

    mutating func insert(_ range: ClosedRange<UInt8>) { for byte in range { self.insert(byte) } }

    mutating func formUnion(_ other: ByteSet) {
        for byte in UInt8.min...UInt8.max where other.contains(byte) { self.insert(byte) }
    }

    /// The ASCII characters that are not in it.
    var invertedASCII: ByteSet {
        var inverted = ByteSet()
        for byte in UInt8(0)...0x7f where !self.contains(byte) { inverted.insert(byte) }
        return inverted
    }

    /// With each letter in both cases.
    var withBothCases: ByteSet {
        var both = self
        for byte in UInt8(ascii: "a")...UInt8(ascii: "z") where self.contains(byte) || self.contains(byte ^ 0x20) {
            both.insert(byte)
            both.insert(byte ^ 0x20)
        }
        return both
    }

    static func == (left: ByteSet, right: ByteSet) -> Bool { left.words == right.words }

    func hash(into hasher: inout Hasher) {
        hasher.combine(self.words.0)
        hasher.combine(self.words.1)
        hasher.combine(self.words.2)
        hasher.combine(self.words.3)
    }
}
