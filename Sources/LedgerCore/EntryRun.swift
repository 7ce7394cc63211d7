/// Neighbouring entries with what the ledger knows of each.
package struct EntryRun: Equatable, Sendable {
    /// Index of the first entry.
    package let first: UInt64
    /// Entries in bundle form: u16 big-endian length, then the entry (C2SP tlog-tiles).
    package let bytes: [UInt8]
    /// By position.
    package let kinds: [UInt16]
    /// By position.
    package let slots: [UInt8]

    package var count: Int { self.kinds.count }
    package var end: UInt64 { self.first + UInt64(self.count) }

    /// Where each entry's bytes are in ``bytes``, in order.
    package var ranges: [Range<Int>] {
        var ranges: [Range<Int>] = []
        ranges.reserveCapacity(self.count)
        var position = 0
        for _ in 0..<self.count {
            let start = position + 2
            position = start + Int(self.bytes[position]) << 8 + Int(self.bytes[position + 1])
            ranges.append(start..<position)
        }
        return ranges
    }

    /// The entries themselves, copied.
    package var entries: [[UInt8]] { self.ranges.map { Array(self.bytes[$0]) } }
}
