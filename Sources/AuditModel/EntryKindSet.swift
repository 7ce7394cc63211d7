/// A set of entry kinds.
package struct EntryKindSet: Hashable, Sendable {
    /// Bit n stands for kind n.
    private var bits: UInt64

    private init(bits: UInt64) { self.bits = bits }

    package static let all = Self(bits: .max)

    package init(_ kinds: some Sequence<EntryKind>) {
        self.bits = kinds.reduce(0) { $0 | 1 << UInt64($1.rawValue) }
    }

    package func contains(_ kind: EntryKind) -> Bool { self.bits >> UInt64(kind.rawValue) & 1 == 1 }

    /// By number; empty when the set holds every kind.
    package var members: [EntryKind] {
        guard self != .all else { return [] }
        return EntryKind.range.compactMap { EntryKind(rawValue: $0) }.filter { self.contains($0) }
    }
}
