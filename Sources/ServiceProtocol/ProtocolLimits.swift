/// The limits of the protocol: docs/protocol.md, "Limits".
package enum ProtocolLimits {
    /// Items of one Append.
    package static let itemCountMax = 16_384
    /// Events of one Submit: with their seal they fit one Append.
    package static let eventCountMax = itemCountMax - 1
    /// Producers of one Append.
    package static let producerCountMax = 1024
    package static let producerIDByteCountMax = 64
    /// Bytes of one serialised entry: entry bundles have 16 bits for the length (C2SP tlog-tiles).
    package static let entryByteCountMax = 65_535
    /// Producers count from 1 to this, so that adding a batch's items never overflows.
    package static let sequenceMax: UInt64 = 1 << 62
    /// Bytes of payload in one PayloadChunk.
    package static let payloadChunkByteCountMax = 1 << 20
    /// Bytes of the name of one who holds slots.
    package static let memberByteCountMax = 128
    /// Letters, digits and dashes that name a state.
    package static let stateNameByteCountMax = 64
    /// Bytes of a state kept for a slot.
    package static let stateByteCountMax = 4 << 20
}
