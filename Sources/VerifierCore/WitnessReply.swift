package import Primitives

/// What a witness answers over HTTP (C2SP tlog-witness, "add-checkpoint").
package struct WitnessReply: Equatable, Sendable {
    package static let textType = "text/plain; charset=utf-8"
    /// Of the one answer whose body a log must read: the size that the witness holds.
    package static let sizeType = "text/x.tlog.size"

    package let status: Int
    package let contentType: String
    package let body: String

    package init(_ status: Int, _ body: String, contentType: String = textType) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    /// For a body that is not a request.
    package static func malformed(_ error: IndelibleError) -> WitnessReply { WitnessReply(400, error.message + "\n") }

    package static func unknownLog(_ origin: String) -> WitnessReply {
        WitnessReply(404, "This witness does not know the log \(origin). Ask its operator to add the log's key.\n")
    }

    static func conflict(size: UInt64) -> WitnessReply {
        WitnessReply(409, "\(size)\n", contentType: Self.sizeType)
    }

    static func unverifiable(_ reason: String) -> WitnessReply { WitnessReply(422, reason + "\n") }

    static func unavailable(_ reason: String) -> WitnessReply { WitnessReply(503, reason + "\n") }
}
