/// One item of an AppendRequest: where its bytes are in the payload, and what travels beside them.
///
/// 32 bytes without references, so that a table of them costs one allocation per batch, or none when it is reused.
package struct AppendItem: Equatable, Sendable, BitwiseCopyable {
    /// Of the entry's first byte, in the payload.
    package var entryOffset: UInt32
    /// 1 to ``ProtocolLimits/entryByteCountMax``.
    package var entryByteCount: UInt32
    /// Of the 16 bytes of the event's id, in the payload; 0, which is never the place of an id, when it has none.
    package var eventIDOffset: UInt32
    /// Position in the producer table.
    package var producer: UInt16
    /// Number of the entry's body field.
    package var kind: UInt8
    /// The actor's virtual slot.
    package var slot: UInt8
    /// The producer's number for this item, never 0: the continued numbering is already worked out.
    package var sequence: UInt64

    package var entry: Range<Int> {
        Int(self.entryOffset)..<Int(self.entryOffset) + Int(self.entryByteCount)
    }

    package var eventID: Range<Int>? {
        self.eventIDOffset == 0 ? nil : Int(self.eventIDOffset)..<Int(self.eventIDOffset) + 16
    }
}
