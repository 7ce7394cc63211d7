package import Primitives

/// Entries one after the other, each with its length before it in two bytes, big-endian (C2SP tlog-tiles, "Log Entries").
package enum EntryBundle {
    /// Bytes; the length's two bytes allow no more.
    package static let entryByteCountMax = 65_535
    /// Bytes of the largest full bundle.
    package static let byteCountMax = TilePath.widthMax * (2 + entryByteCountMax)

    /// Appends one entry to a bundle.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when it is longer than ``entryByteCountMax``.
    package static func append(_ entry: Span<UInt8>, to bundle: inout [UInt8]) throws(IndelibleError) {
        guard entry.count <= Self.entryByteCountMax else {
            throw IndelibleError(
                .invalidArgument,
                "An entry may have \(Self.entryByteCountMax) bytes, this one has \(entry.count). Detach its payload.",
            )
        }
        bundle.append(UInt8(entry.count >> 8))
        bundle.append(UInt8(entry.count & 255))
        unsafe entry.withUnsafeBufferPointer { bytes in unsafe bundle.append(contentsOf: bytes) }
    }

    /// - Throws: ``IndelibleError/Code/invalidArgument`` for more than 256 entries, or one that is too long.
    package static func encode(_ entries: [[UInt8]]) throws(IndelibleError) -> [UInt8] {
        guard entries.count <= TilePath.widthMax else {
            throw IndelibleError(.invalidArgument, "A bundle may have \(TilePath.widthMax) entries.")
        }
        var bundle: [UInt8] = []
        for entry in entries { try Self.append(entry.span, to: &bundle) }
        return bundle
    }

    /// Where each entry's bytes stand in a bundle.
    ///
    /// - Parameters:
    ///   - bundle: all bytes of a file.
    ///   - count: entries that the bundle must hold, neither fewer nor more.
    /// - Returns: `count` ranges, in order.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when an entry passes the end, or bytes are left over.
    package static func ranges(in bundle: [UInt8], count: Int) throws(IndelibleError) -> [Range<Int>] {
        var places = Places()
        try places.read(bundle.span, count: count)
        return (0..<count).map { Int(places.offsets[$0])..<Int(places.offsets[$0] + places.lengths[$0]) }
    }

    /// Where each entry's bytes stand in a bundle, as the hash kernels want it, in memory that is reused.
    package struct Places: Sendable {
        /// Of each entry's first byte.
        package private(set) var offsets: [UInt32] = []
        /// Bytes of each entry.
        package private(set) var lengths: [UInt32] = []

        package init() {}

        /// Reads a bundle; what was read before is forgotten.
        ///
        /// - Parameters:
        ///   - bundle: all bytes of a file.
        ///   - count: entries that the bundle must hold, neither fewer nor more; at most ``TilePath/widthMax``.
        /// - Throws: ``IndelibleError/Code/invalidArgument`` when an entry passes the end, or bytes are left over.
        package mutating func read(_ bundle: Span<UInt8>, count: Int) throws(IndelibleError) {
            self.offsets.removeAll(keepingCapacity: true)
            self.lengths.removeAll(keepingCapacity: true)
            guard bundle.count <= EntryBundle.byteCountMax else {
                throw IndelibleError(.invalidArgument, "A bundle has at most \(EntryBundle.byteCountMax) bytes.")
            }
            var position = 0
            for number in 0..<count {
                let start = position + 2
                guard start <= bundle.count else { throw EntryBundle.truncated(number, of: count) }
                let length = Int(bundle[position]) << 8 | Int(bundle[position + 1])
                guard length <= bundle.count - start else { throw EntryBundle.truncated(number, of: count) }
                self.offsets.append(UInt32(start))
                self.lengths.append(UInt32(length))
                position = start + length
            }
            guard position == bundle.count else {
                throw IndelibleError(
                    .invalidArgument,
                    "The bundle has \(bundle.count - position) bytes after its \(count) entries.",
                )
            }
        }
    }

    private static func truncated(_ found: Int, of count: Int) -> IndelibleError {
        IndelibleError(.invalidArgument, "The bundle ends inside entry \(found) of \(count).")
    }
}
