package import NIOCore
package import Primitives
internal import Synchronization
package import Wire

/// Who is at the other end of a connection; shared by its calls.
package final class Peer: Sendable {
    /// Address and port, for logs.
    package let address: String
    /// From the certificate; empty without one.
    package let name: String
    /// From the certificate; `nil` where the listener asks for none: then everybody may call everything.
    package let role: Role?

    init(address: String = "", name: String = "", role: Role? = nil) {
        self.address = address
        self.name = name
        self.role = role
    }
}

/// One call that a client made.
///
/// Answered once, from any thread. An answer to a caller that gave up, or is gone, goes nowhere.
package final class ServerCall: Sendable {
    package let method: MethodDescriptor
    /// The log's origin that the caller named; empty means the only one.
    package var log: String { self.header.log }
    /// When the caller stops waiting; `nil` means never.
    package let deadline: NIODeadline?
    package var metadata: [FrameHeader.Metadata] { self.header.metadata }
    package let peer: Peer

    var streamID: UInt32 { self.header.streamID }
    private let header: FrameHeader
    private let outbox: Outbox<ServerEvent>
    private let cancelled = Atomic<Bool>(false)

    init(
        _ header: FrameHeader,
        _ method: MethodDescriptor,
        _ deadline: NIODeadline?,
        peer: Peer,
        outbox: Outbox<ServerEvent>,
    ) {
        self.method = method
        self.deadline = deadline
        self.peer = peer
        self.header = header
        self.outbox = outbox
    }

    /// Whether the caller gave up, ran out of time or is gone.
    package var isCancelled: Bool { self.cancelled.load(ordering: .relaxed) }

    func cancel() {
        self.cancelled.store(true, ordering: .relaxed)
    }

    /// Answers a unary call or an upload with its result.
    package func respond(_ payload: [UInt8]) {
        self.outbox.push(.response(self.streamID, payload))
    }

    /// Ends the call with an error.
    ///
    /// - Parameter payload: a message that goes with it, where the method defines one.
    package func fail(_ error: IndelibleError, payload: [UInt8] = []) {
        self.outbox.push(.failure(self.streamID, RPCStatus(error), payload))
    }

    /// Ends a streamed answer.
    func end() {
        self.outbox.push(.end(self.streamID))
    }

    /// Reads no more from this connection until ``resumeReading()`` was called as many times: the service is full.
    package func pauseReading() {
        self.outbox.push(.pause)
    }

    package func resumeReading() {
        self.outbox.push(.resume)
    }
}

/// What services tell a connection.
enum ServerEvent: Sendable {
    case response(UInt32, [UInt8])
    case failure(UInt32, RPCStatus, [UInt8])
    case item(UInt32, [UInt8])
    case end(UInt32)
    /// An uploaded item of so many bytes was taken out of its queue.
    case consumed(UInt32, Int)
    case pause
    case resume
    case drain
    case close
}
