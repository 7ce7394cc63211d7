package import AuditModel
internal import Primitives
internal import ProtobufC

/// Writes an EntryBatch straight into the bytes that are sent.
package struct EntryBatchBuilder: Sendable {
    private var writer = ProtoWriter()
    package private(set) var itemCount = 0

    /// - Parameter byteCountExpected: room to take at once.
    package init(byteCountExpected: Int = 0) {
        self.writer.reserveCapacity(byteCountExpected)
    }

    /// Bytes so far.
    package var byteCount: Int { self.writer.bytes.count }

    /// Adds an entry; indexes rise.
    package mutating func append(index: UInt64, kind: EntryKind, slot: UInt8, entry: Span<UInt8>) {
        var byteCount = 1 + ProtoWriter.varintByteCount(UInt64(entry.count)) + entry.count + 2
        for number in [index, UInt64(slot)] where number != 0 { byteCount += 1 + ProtoWriter.varintByteCount(number) }
        self.writer.delimited(1, byteCount: byteCount)
        self.writer.varint(1, index)
        self.writer.varint(2, UInt64(kind.rawValue))
        self.writer.varint(3, UInt64(slot))
        self.writer.always(4, entry)
        self.itemCount += 1
    }

    /// Ends the batch; the builder begins another.
    ///
    /// - Parameters:
    ///   - next: where a reader goes on: beyond all that was looked at, not only beyond what was sent.
    ///   - durableSize: entries that are synced.
    /// - Returns: the serialised EntryBatch.
    package mutating func finish(next: UInt64, durableSize: UInt64) -> [UInt8] {
        self.writer.varint(2, next)
        self.writer.varint(3, durableSize)
        defer { self = EntryBatchBuilder() }
        return self.writer.bytes
    }
}
