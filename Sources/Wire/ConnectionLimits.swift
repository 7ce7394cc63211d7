/// The bounds of one connection; those that concern the peer are announced in ``Hello``.
package struct ConnectionLimits: Sendable, Equatable {
    /// Longest frame accepted, in bytes, counted like `length`.
    package var frameByteCountMax = 8 << 20
    /// Streams that the peer may keep open.
    package var streamCountMax = 4_096
    /// What the peer may send on a new stream before it gets more, in bytes; see ``Credit``.
    package var streamCredit = 1 << 20
    /// Request bytes that wait for their answers before the connection is read no further.
    package var unansweredByteCountMax = 32 << 20
    /// Bytes that wait for the peer to read them before the connection is read no further.
    package var unsentByteCountMax = 8 << 20
    /// How long the peer may take to say Hello, TLS included.
    package var handshakeSeconds = 10
    /// After this long without a byte from the peer a PING asks for one.
    package var keepAliveSeconds = 30
    /// After this long without a byte from the peer, a PING included, it counts as gone.
    package var silenceSecondsMax = 90

    package init() {}
}
