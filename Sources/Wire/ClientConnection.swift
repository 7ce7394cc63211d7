package import Primitives

/// The client's side of one connection, without I/O: it is told what arrived and what the caller wants to send, and says
/// what to do about it.
///
/// Say ``hello`` first. A thrown error ends the connection. Times are nanoseconds of a monotonic clock. See
/// docs/protocol.md.
package struct ClientConnection: ~Copyable {
    /// What to do with a frame that arrived.
    package enum Received: Sendable, Equatable {
        /// Nothing; it came late, or was an answer to a PING.
        case ignore
        /// Calls may start.
        case ready(Session)
        /// The call on the frame's stream ended: OK with the payload as its result, or with the header's status.
        case finished
        /// Queue the payload for the reader of the frame's stream.
        case item
        /// Items that waited for credit on the frame's stream may go.
        case credit
        /// Send the payload back in a PONG.
        case pong
        /// The server leaves: start no new calls here; those that are open still get their answers.
        case goAway
    }

    package enum Opening: Sendable, Equatable {
        /// Send REQUEST with this stream ID.
        case opened(UInt32)
        /// The server lets no more calls be open; try when one has finished.
        case full
        /// No new calls on this connection.
        case closed
    }

    private enum Phase: Equatable { case awaitingHello, open, leaving, closed }

    private struct Stream {
        let shape: MethodDescriptor.Shape
        let deadline: UInt64
        /// For our items.
        var credit: Credit
        /// For the server's items.
        var window: CreditWindow?
        var uploading: Bool
    }

    package let hello: Hello
    private let limits: ConnectionLimits
    private var phase = Phase.awaitingHello
    private var session: Session?
    private var streams = StreamTable<Stream>()
    private var lastStreamID: UInt32 = 0
    /// No open stream has an earlier deadline.
    private var deadlineFloor = UInt64.max

    package init(limits: ConnectionLimits, software: String) {
        self.limits = limits
        self.hello = Hello(limits, software: software)
    }

    package var isAwaitingHello: Bool { self.phase == .awaitingHello }
    package var streamCount: Int { self.streams.count }
    /// Whether the server left and every call has its answer.
    package var isDrained: Bool { self.phase == .leaving && self.streams.isEmpty }
    /// When to call ``expire(now:)`` next, or never.
    package var nextDeadline: UInt64? { self.deadlineFloor == .max ? nil : self.deadlineFloor }
    /// Longest frame that the server accepts, counted like `length`; 0 before its Hello.
    package var frameByteCountMax: Int { Int(self.session?.peer.frameByteCountMax ?? 0) }

    // MARK: What arrived

    /// - Throws: what ends the connection: the server does not keep to the protocol, or speaks no version of ours.
    package mutating func receive(
        _ header: FrameHeader,
        payload: Span<UInt8>,
    ) throws(IndelibleError) -> Received {
        switch self.phase {
        case .closed: return .ignore
        case .awaitingHello:
            if header.kind == .goAway {
                throw IndelibleError(header.status ?? RPCStatus(code: 14, message: "The server took no connection."))
            }
            guard header.kind == .hello, header.streamID == 0 else {
                throw Self.violation("it did not say Hello first")
            }
            let session = try Session(ours: self.hello, theirs: Hello(payload))
            self.session = session
            self.phase = .open
            return .ready(session)
        case .open, .leaving: break
        }
        switch header.kind {
        case .response: return try self.response(header)
        case .item: return try self.item(header.streamID, payloadByteCount: payload.count)
        case .end: return try self.end(header)
        case .credit:
            guard let place = self.streams.place(of: header.streamID) else { return .ignore }
            guard self.streams[place: place].credit.grant(header.credit) else {
                throw Self.violation("it granted over \(Credit.balanceMax) bytes of credit")
            }
            return .credit
        case .ping:
            guard payload.count <= ServerConnection.pingByteCountMax else {
                throw Self.violation("its PING is over \(ServerConnection.pingByteCountMax) bytes")
            }
            return .pong
        case .goAway:
            self.phase = .leaving
            return .goAway
        case .pong: return .ignore
        case .hello: throw Self.violation("it said Hello twice")
        case .request, .cancel: throw Self.violation("it sent a \(header.kind), which only clients do")
        }
    }

    private mutating func response(_ header: FrameHeader) throws(IndelibleError) -> Received {
        guard let stream = self.streams.close(header.streamID) else {
            return try self.late(header.streamID)
        }
        guard stream.shape != .serverStream || header.status?.isOK == false else {
            throw Self.violation("it sent a RESPONSE on stream \(header.streamID), which ends with END")
        }
        return .finished
    }

    private mutating func item(_ id: UInt32, payloadByteCount: Int) throws(IndelibleError) -> Received {
        guard let place = self.streams.place(of: id) else { return try self.late(id) }
        guard var window = self.streams[place: place].window else {
            throw Self.violation("it sent an ITEM on stream \(id), which takes none")
        }
        guard window.receive(payloadByteCount: payloadByteCount) else {
            throw Self.violation("it sent an ITEM on stream \(id) without credit")
        }
        self.streams[place: place].window = window
        return .item
    }

    private mutating func end(_ header: FrameHeader) throws(IndelibleError) -> Received {
        guard let stream = self.streams.close(header.streamID) else {
            return try self.late(header.streamID)
        }
        guard stream.shape == .serverStream else {
            throw Self.violation("it sent an END on stream \(header.streamID), which ends with RESPONSE")
        }
        return .finished
    }

    /// Frames of calls that were cancelled or ran out of time may still be under way.
    private func late(_ id: UInt32) throws(IndelibleError) -> Received {
        guard id != 0, id <= self.lastStreamID else { throw Self.violation("it spoke on unopened stream \(id)") }
        return .ignore
    }

    // MARK: What the caller does

    /// - Parameters:
    ///   - shape: of the method.
    ///   - deadline: when the caller stops waiting; `nil` means never.
    /// - Returns: the stream to call on, if there is one.
    package mutating func open(_ shape: MethodDescriptor.Shape, deadline: UInt64? = nil) -> Opening {
        guard self.phase == .open, let session = self.session, self.lastStreamID < .max else { return .closed }
        guard self.streams.count < Int(session.peer.streamCountMax) else { return .full }
        self.lastStreamID += 1
        self.deadlineFloor = min(self.deadlineFloor, deadline ?? .max)
        let stream = Stream(
            shape: shape,
            deadline: deadline ?? .max,
            credit: Credit(min(Int64(session.peer.streamCredit), Credit.balanceMax)),
            window: shape == .serverStream ? CreditWindow(window: self.limits.streamCredit) : nil,
            uploading: shape == .clientStream,
        )
        self.streams.open(self.lastStreamID, stream)
        return .opened(self.lastStreamID)
    }

    /// The caller has an item to upload.
    package mutating func send(_ id: UInt32, payloadByteCount: Int) -> ServerConnection.Sending {
        guard let place = self.streams.place(of: id), self.streams[place: place].uploading else { return .gone }
        return self.streams[place: place].credit.pay(payloadByteCount: payloadByteCount) ? .send : .wait
    }

    /// The caller has no more items.
    ///
    /// - Returns: whether to send END.
    package mutating func endUpload(_ id: UInt32) -> Bool {
        guard let place = self.streams.place(of: id), self.streams[place: place].uploading else { return false }
        self.streams[place: place].uploading = false
        return true
    }

    /// The reader took an item out of the queue.
    ///
    /// - Returns: credit to send now, when it is worth a frame.
    package mutating func consume(_ id: UInt32, payloadByteCount: Int) -> UInt32? {
        guard let place = self.streams.place(of: id), var window = self.streams[place: place].window else {
            return nil
        }
        defer { self.streams[place: place].window = window }
        return window.consume(payloadByteCount: payloadByteCount)
    }

    /// The caller no longer waits.
    ///
    /// - Returns: whether to send CANCEL.
    package mutating func cancel(_ id: UInt32) -> Bool {
        self.streams.close(id) != nil
    }

    // MARK: Time and the end

    /// Ends the calls whose deadline has passed.
    ///
    /// - Returns: their streams, in order: send CANCEL on each, and tell the callers.
    package mutating func expire(now: UInt64) -> [UInt32] {
        guard now >= self.deadlineFloor else { return [] }
        let due = self.streams.due(at: now) { $0.deadline }
        for id in due.ids { _ = self.streams.close(id) }
        self.deadlineFloor = due.next
        return due.ids
    }

    /// The connection is gone.
    ///
    /// - Returns: the streams that were open, in order: tell the callers.
    package mutating func close() -> [UInt32] {
        self.phase = .closed
        let open = self.streams.sortedIDs
        self.streams.closeAll()
        return open
    }

    private static func violation(_ what: String) -> IndelibleError {
        IndelibleError(.invalidArgument, "The server broke the protocol: \(what). Check it against docs/protocol.md.")
    }
}
