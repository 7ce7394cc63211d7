package import Primitives

/// How a call ended: gRPC's canonical code, a sentence for people, and typed details.
package struct RPCStatus: Sendable, Equatable {
    /// A message that says more, by its full protobuf name.
    package struct Detail: Sendable, Equatable {
        package var type: String
        package var value: [UInt8]

        package init(type: String, value: [UInt8]) {
            self.type = type
            self.value = value
        }
    }

    /// gRPC's numbers: 0 is OK; see ``IndelibleError/Code``.
    package var code: UInt32
    package var message: String
    package var details: [Detail]

    package init(code: UInt32, message: String, details: [Detail] = []) {
        self.code = code
        self.message = message
        self.details = details
    }

    package static let ok = RPCStatus(code: 0, message: "")

    package var isOK: Bool { self.code == 0 }

    /// Longest message that is sent, in UTF-8 bytes; longer ones are cut at a character.
    package static let messageByteCountMax = 4_096
    /// Most details on one status.
    package static let detailCountMax = 16
}

extension RPCStatus {
    /// The status that tells a peer of `error`: its code and message, the details of a forwarded status, never its cause.
    package init(_ error: IndelibleError) {
        var message = error.message
        if message.utf8.count > Self.messageByteCountMax {
            message = String(message.prefix(Self.messageByteCountMax / 4))
        }
        self.init(
            code: UInt32(error.code.rawValue),
            message: message,
            details: (error.cause as? RemoteFailure)?.status.details ?? [],
        )
    }
}

/// What a peer answered instead of a result: the cause of the ``IndelibleError`` that a failed call throws.
package struct RemoteFailure: Error, Sendable, Equatable {
    package let status: RPCStatus
    /// The message that came with the status; empty for most methods.
    package let payload: [UInt8]

    package init(status: RPCStatus, payload: [UInt8]) {
        self.status = status
        self.payload = payload
    }
}

extension IndelibleError {
    /// The error that a failed call throws, with a ``RemoteFailure`` as its cause.
    ///
    /// Codes that this version does not know, and gRPC's UNKNOWN, count as ``Code/internal``.
    package init(_ status: RPCStatus, payload: [UInt8] = []) {
        let code = UInt8(exactly: status.code).flatMap { IndelibleError.Code(rawValue: $0) } ?? .internal
        let message = status.message.isEmpty ? "The server gave no reason (status \(status.code))." : status.message
        self.init(code, message, cause: RemoteFailure(status: status, payload: payload))
    }

    /// What the server sent along with its refusal, when this error is one.
    package var remoteFailure: RemoteFailure? { self.cause as? RemoteFailure }
}
