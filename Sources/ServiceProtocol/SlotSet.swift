package import Primitives

/// A set of the 256 actor slots.
package struct SlotSet: Hashable, Sendable {
    package static let byteCount = 32

    private var words: (UInt64, UInt64, UInt64, UInt64)

    private init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    package static let none = Self(words: (0, 0, 0, 0))
    package static let all = Self(words: (.max, .max, .max, .max))

    package init(_ slots: some Sequence<UInt8>) {
        self = .none
        for slot in slots { self.insert(slot) }
    }

    /// - Parameter bytes: 256 bits, lowest first; none at all stand for every slot.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` for another length.
    package init(serialized bytes: [UInt8]) throws(IndelibleError) {
        guard !bytes.isEmpty else {
            self = .all
            return
        }
        guard bytes.count == Self.byteCount else {
            throw IndelibleError(
                .invalidArgument,
                "A slot set has \(Self.byteCount) bytes, or none for all slots; this one has \(bytes.count).",
            )
        }
        self = .none
        for slot in 0...UInt8.max where bytes[Int(slot >> 3)] >> (slot & 7) & 1 == 1 { self.insert(slot) }
    }

    /// Empty when it holds all slots.
    package var serialized: [UInt8] {
        self == .all ? [] : self.bits
    }

    /// - Parameter bitSet: 256 bits, lowest first; none at all stand for no slot.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` for another length.
    package init(bitSet: [UInt8]) throws(IndelibleError) {
        self = bitSet.isEmpty ? .none : try Self(serialized: bitSet)
    }

    /// As ``init(bitSet:)`` reads it.
    package var bitSet: [UInt8] { self == .none ? [] : self.bits }

    private var bits: [UInt8] {
        (0..<Self.byteCount).map { position in
            (0..<8).reduce(0) { $0 | (self.contains(UInt8(position * 8 + $1)) ? 1 << $1 : 0) }
        }
    }

    /// In rising order.
    package var members: [UInt8] { (0...UInt8.max).filter(self.contains) }

    package var count: Int {
        self.words.0.nonzeroBitCount + self.words.1.nonzeroBitCount + self.words.2.nonzeroBitCount
            + self.words.3.nonzeroBitCount
    }

    package func contains(_ slot: UInt8) -> Bool {
        self.word(slot >> 6) >> UInt64(slot & 63) & 1 == 1
    }

    package mutating func insert(_ slot: UInt8) {
        let bit = UInt64(1) << UInt64(slot & 63)
        switch slot >> 6 {
        case 0: self.words.0 |= bit
        case 1: self.words.1 |= bit
        case 2: self.words.2 |= bit
        default: self.words.3 |= bit
        }
    }

    private func word(_ position: UInt8) -> UInt64 {
        switch position {
        case 0: self.words.0
        case 1: self.words.1
        case 2: self.words.2
        default: self.words.3
        }
    }

    package static func == (left: SlotSet, right: SlotSet) -> Bool { left.words == right.words }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(self.words.0)
        hasher.combine(self.words.1)
        hasher.combine(self.words.2)
        hasher.combine(self.words.3)
    }
}

extension UInt8 {
    /// - Throws: ``IndelibleError/Code/invalidArgument`` for a number that is no slot.
    init(slot number: UInt32) throws(IndelibleError) {
        guard let slot = UInt8(exactly: number) else {
            throw IndelibleError(.invalidArgument, "\(number) is no slot. Slots are 0 to 255.")
        }
        self = slot
    }
}
