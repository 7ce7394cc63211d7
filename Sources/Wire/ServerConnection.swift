package import Primitives

/// The server's side of one connection, without I/O: it is told what arrived and what the service wants to send, and says
/// what to do about it.
///
/// A thrown error ends the connection: send GOAWAY with its status, then close. Times are nanoseconds of a monotonic
/// clock. See docs/protocol.md.
package struct ServerConnection: ~Copyable {
    /// Who may call what on this connection.
    package enum Access: Sendable, Equatable {
        /// Everything: the listener asks for no certificates.
        case unrestricted
        /// What the role covers; nothing when the peer's certificate names none.
        case role(Role?)
    }

    /// What to do with a frame that arrived.
    package enum Received: Sendable, Equatable {
        /// Nothing; it came late, or was an answer to a PING.
        case ignore
        /// Send our Hello; the session is open.
        case hello(Session)
        /// Start the call on the frame's stream, with its payload.
        case call
        /// Send a RESPONSE with this status on the frame's stream.
        case refuse(RPCStatus)
        /// Queue the payload for the upload on the frame's stream.
        case item
        /// The upload on the frame's stream has no more items.
        case uploadEnd
        /// The caller on the frame's stream gave up.
        case cancel
        /// Items that waited for credit on the frame's stream may go.
        case credit
        /// Send the payload back in a PONG.
        case pong
    }

    /// What to do with an item that the service wants to send.
    package enum Sending: Sendable, Equatable {
        case send
        /// Keep it until ``Received/credit``.
        case wait
        /// Nobody waits for it any more.
        case gone
    }

    package enum Drain: Sendable, Equatable {
        /// Send GOAWAY and close.
        case close
        /// Send GOAWAY; close when ``isDrained``.
        case wait(streamCount: Int)
    }

    private enum Phase: Equatable { case awaitingHello, open, draining, closed }

    private struct Stream {
        let shape: MethodDescriptor.Shape
        let deadline: UInt64
        let requestByteCount: Int
        var credit: Credit
        /// Of an upload that has not ended.
        var window: CreditWindow?
    }

    package static let pingByteCountMax = 64

    private let hello: Hello
    private let limits: ConnectionLimits
    private let methods: MethodTable
    private var access: Access
    private var phase = Phase.awaitingHello
    private var streams = StreamTable<Stream>()
    private var lastStreamID: UInt32 = 0
    private var peerStreamCredit: Int64 = 0
    private var unansweredByteCount = 0
    /// No open stream has an earlier deadline.
    private var deadlineFloor = UInt64.max

    package init(limits: ConnectionLimits, hello: Hello, methods: MethodTable, access: Access) {
        self.limits = limits
        self.hello = hello
        self.methods = methods
        self.access = access
    }

    package var isAwaitingHello: Bool { self.phase == .awaitingHello }
    package var streamCount: Int { self.streams.count }
    /// Whether every call that was open when the drain began has its answer.
    package var isDrained: Bool { self.phase == .draining && self.streams.isEmpty }
    /// Whether more may be read; `false` while too many request bytes wait for their answers.
    package var wantsBytes: Bool { self.unansweredByteCount < self.limits.unansweredByteCountMax }
    /// When to call ``expire(now:)`` next, or never.
    package var nextDeadline: UInt64? { self.deadlineFloor == .max ? nil : self.deadlineFloor }

    /// The peer's certificate was read; before its Hello.
    package mutating func admit(_ access: Access) {
        precondition(self.phase != .open && self.phase != .draining, "access is settled before the Hello")
        self.access = access
    }

    package func method(_ number: UInt32) -> MethodDescriptor? { self.methods[number] }

    // MARK: What arrived

    /// - Throws: what ends the connection: the peer does not keep to the protocol.
    package mutating func receive(
        _ header: FrameHeader,
        payload: Span<UInt8>,
        now: UInt64,
    ) throws(IndelibleError) -> Received {
        switch self.phase {
        case .closed: return .ignore
        case .awaitingHello:
            guard header.kind == .hello, header.streamID == 0 else {
                throw Self.violation("it did not say Hello first")
            }
            let session = try Session(ours: self.hello, theirs: Hello(payload))
            self.peerStreamCredit = min(Int64(session.peer.streamCredit), Credit.balanceMax)
            self.phase = .open
            return .hello(session)
        case .open, .draining: break
        }
        switch header.kind {
        case .request: return try self.request(header, payloadByteCount: payload.count, now: now)
        case .item: return try self.item(header.streamID, payloadByteCount: payload.count)
        case .end: return try self.uploadEnd(header.streamID)
        case .cancel: return self.remove(header.streamID) == nil ? .ignore : .cancel
        case .credit:
            guard let place = self.streams.place(of: header.streamID) else { return .ignore }
            guard self.streams[place: place].credit.grant(header.credit) else {
                throw Self.violation("it granted over \(Credit.balanceMax) bytes of credit")
            }
            return .credit
        case .ping:
            guard payload.count <= Self.pingByteCountMax else {
                throw Self.violation("its PING is over \(Self.pingByteCountMax) bytes")
            }
            return .pong
        case .pong, .goAway: return .ignore
        case .hello: throw Self.violation("it said Hello twice")
        case .response: throw Self.violation("it sent a RESPONSE, which only servers do")
        }
    }

    private mutating func request(
        _ header: FrameHeader,
        payloadByteCount: Int,
        now: UInt64,
    ) throws(IndelibleError) -> Received {
        guard header.streamID > self.lastStreamID else {
            throw Self.violation("stream \(header.streamID) opened after stream \(self.lastStreamID)")
        }
        self.lastStreamID = header.streamID
        guard self.phase == .open else {
            return .refuse(Self.refusal(.unavailable, "The server is shutting down. Reconnect and call again."))
        }
        guard self.streams.count < self.limits.streamCountMax else {
            return .refuse(
                Self.refusal(
                    .resourceExhausted,
                    "This connection has \(self.streams.count) calls open, its limit. Wait for answers first.",
                )
            )
        }
        guard let method = self.methods[header.method] else {
            return .refuse(
                Self.refusal(
                    .unimplemented,
                    "There is no method \(header.method) here. Check the address and the server's version.",
                )
            )
        }
        if let refusal = self.forbids(method) { return .refuse(refusal) }
        let deadline =
            header.deadlineMilliseconds == 0 ? .max : now + UInt64(header.deadlineMilliseconds) * 1_000_000
        self.deadlineFloor = min(self.deadlineFloor, deadline)
        self.unansweredByteCount += payloadByteCount
        let stream = Stream(
            shape: method.shape,
            deadline: deadline,
            requestByteCount: payloadByteCount,
            credit: Credit(self.peerStreamCredit),
            window: method.shape == .clientStream ? CreditWindow(window: self.limits.streamCredit) : nil,
        )
        self.streams.open(header.streamID, stream)
        return .call
    }

    private func forbids(_ method: MethodDescriptor) -> RPCStatus? {
        guard case .role(let role) = self.access else { return nil }
        if let role, method.roles.contains(role) { return nil }
        let needed = Role.allCases.filter { method.roles.contains($0) }.map(\.rawValue).joined(separator: ", ")
        let held = role.map { "is for the role \($0.rawValue)" } ?? "names no role"
        return Self.refusal(
            .permissionDenied,
            "\(method.name) needs one of the roles \(needed); the certificate \(held). Use another certificate.",
        )
    }

    private mutating func item(_ id: UInt32, payloadByteCount: Int) throws(IndelibleError) -> Received {
        guard let place = self.streams.place(of: id) else {
            guard id != 0, id <= self.lastStreamID else {
                throw Self.violation("it sent an ITEM on unopened stream \(id)")
            }
            return .ignore
        }
        guard var window = self.streams[place: place].window else {
            throw Self.violation("it sent an ITEM on stream \(id), which takes none")
        }
        guard window.receive(payloadByteCount: payloadByteCount) else {
            throw Self.violation("it sent an ITEM on stream \(id) without credit")
        }
        self.streams[place: place].window = window
        return .item
    }

    private mutating func uploadEnd(_ id: UInt32) throws(IndelibleError) -> Received {
        guard let place = self.streams.place(of: id) else {
            guard id != 0, id <= self.lastStreamID else {
                throw Self.violation("it sent an END on unopened stream \(id)")
            }
            return .ignore
        }
        guard self.streams[place: place].window != nil else {
            throw Self.violation("it sent an END on stream \(id), which has no items to end")
        }
        self.streams[place: place].window = nil
        return .uploadEnd
    }

    // MARK: What the service does

    /// The call is over: send its RESPONSE or END now.
    ///
    /// - Returns: `false` when the caller gave up or the connection is closed: send nothing.
    package mutating func finish(_ id: UInt32) -> Bool {
        self.remove(id) != nil
    }

    /// The service has an item for the caller.
    package mutating func send(_ id: UInt32, payloadByteCount: Int) -> Sending {
        guard let place = self.streams.place(of: id) else { return .gone }
        precondition(self.streams[place: place].shape == .serverStream, "only streamed answers have items")
        return self.streams[place: place].credit.pay(payloadByteCount: payloadByteCount) ? .send : .wait
    }

    /// The service took an uploaded item out of the queue.
    ///
    /// - Returns: credit to send now, when it is worth a frame.
    package mutating func consume(_ id: UInt32, payloadByteCount: Int) -> UInt32? {
        guard let place = self.streams.place(of: id), var window = self.streams[place: place].window else {
            return nil
        }
        defer { self.streams[place: place].window = window }
        return window.consume(payloadByteCount: payloadByteCount)
    }

    // MARK: Time and the end

    /// Ends the calls whose deadline has passed.
    ///
    /// - Returns: their streams, in order: tell the services to stop and answer DEADLINE_EXCEEDED.
    package mutating func expire(now: UInt64) -> [UInt32] {
        guard now >= self.deadlineFloor else { return [] }
        let due = self.streams.due(at: now) { $0.deadline }
        for id in due.ids { _ = self.remove(id) }
        self.deadlineFloor = due.next
        return due.ids
    }

    /// Takes no new calls.
    package mutating func drain() -> Drain {
        switch self.phase {
        case .awaitingHello, .closed:
            self.phase = .closed
            return .close
        case .open, .draining:
            self.phase = .draining
            return self.streams.isEmpty ? .close : .wait(streamCount: self.streams.count)
        }
    }

    /// The connection is gone.
    ///
    /// - Returns: the streams that were open, in order: tell their services to stop.
    package mutating func close() -> [UInt32] {
        self.phase = .closed
        let open = self.streams.sortedIDs
        self.streams.closeAll()
        self.unansweredByteCount = 0
        return open
    }

    private mutating func remove(_ id: UInt32) -> MethodDescriptor.Shape? {
        guard let stream = self.streams.close(id) else { return nil }
        self.unansweredByteCount -= stream.requestByteCount
        return stream.shape
    }

    private static func refusal(_ code: IndelibleError.Code, _ message: String) -> RPCStatus {
        RPCStatus(code: UInt32(code.rawValue), message: message)
    }

    private static func violation(_ what: String) -> IndelibleError {
        IndelibleError(.invalidArgument, "The client broke the protocol: \(what). Check it against docs/protocol.md.")
    }
}
