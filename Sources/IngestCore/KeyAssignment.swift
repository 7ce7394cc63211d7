internal import Primitives

/// The numbers that a sender's key stands for, and what became of them.
package struct KeyAssignment: Equatable, Sendable {
    /// Of the bytes that came with the key first: others under the same key are another request.
    package var content: [UInt8]
    package var epoch: UInt64
    package var firstSequence: UInt64
    package var count: UInt32
    package var state: State

    package enum State: Equatable, Sendable {
        /// Nothing is known of the events: they have to be sent, and the ledger tells which it has.
        case pending
        /// In the log, the first at this index and the others behind it.
        case durable(firstIndex: UInt64)
        /// Safe, at no index that is known here.
        case safe
    }

    package init(content: [UInt8], epoch: UInt64, firstSequence: UInt64, count: UInt32, state: State = .pending) {
        self.content = content
        self.epoch = epoch
        self.firstSequence = firstSequence
        self.count = count
        self.state = state
    }
}

/// A key and what it stands for, as the journal of keys holds it; all numbers little-endian.
///
/// `key (16) || content (16) || u64 epoch || u64 firstSequence || u32 count || u32 state || u64 firstIndex`.
struct KeyEntry: Equatable {
    static let byteCount = 64
    /// Bytes of a key and of a content, both taken from the front of a SHA-256.
    static let digestByteCount = 16

    let key: [UInt8]
    let assignment: KeyAssignment

    init(key: [UInt8], assignment: KeyAssignment) {
        precondition(key.count == Self.digestByteCount && assignment.content.count == Self.digestByteCount)
        self.key = key
        self.assignment = assignment
    }

    var bytes: [UInt8] {
        let (state, index): (UInt32, UInt64) =
            switch self.assignment.state {
            case .pending: (0, 0)
            case .durable(let index): (1, index)
            case .safe: (2, 0)
            }
        return self.key + self.assignment.content + Self.bytes(self.assignment.epoch)
            + Self.bytes(self.assignment.firstSequence) + Self.bytes(self.assignment.count) + Self.bytes(state)
            + Self.bytes(index)
    }

    /// - Returns: `nil` for another length, and for a state of a later version.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        let bytes = Array(bytes)
        let state: KeyAssignment.State
        switch Self.number(bytes[52..<56]) {
        case 0: state = .pending
        case 1: state = .durable(firstIndex: Self.number(bytes[56..<64]))
        case 2: state = .safe
        default: return nil
        }
        self.key = Array(bytes[0..<16])
        self.assignment = KeyAssignment(
            content: Array(bytes[16..<32]),
            epoch: Self.number(bytes[32..<40]),
            firstSequence: Self.number(bytes[40..<48]),
            count: UInt32(truncatingIfNeeded: Self.number(bytes[48..<52])),
            state: state,
        )
    }

    private static func bytes(_ number: some FixedWidthInteger & UnsignedInteger) -> [UInt8] {
        (0..<number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
