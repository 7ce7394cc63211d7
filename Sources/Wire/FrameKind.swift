/// What a frame is for; the numbers are those of `FrameKind` in `wire.proto`.
package enum FrameKind: UInt8, Sendable, CaseIterable {
    case hello = 1
    /// Opens a stream.
    case request = 2
    /// The only answer of a unary call or an upload, and the refusal of any call; ends the stream.
    case response = 3
    /// One message of a streamed answer or of an upload.
    case item = 4
    /// Ends a streamed answer with a status; ends an upload's items without one.
    case end = 5
    /// The caller no longer waits.
    case cancel = 6
    case credit = 7
    case ping = 8
    case pong = 9
    /// No new streams: the sender drains, then closes.
    case goAway = 10
}
