internal import CIndelibleProto
internal import Primitives
package import ProtobufC

extension AuditEvent {
    /// How it ended.
    package struct Outcome: Equatable, ProtoMessage {
        package enum Result: UInt32, Sendable, CaseIterable {
            case unknown = 0
            case success = 1
            case failure = 2
            case denied = 3
        }

        package var result = Result.unknown
        /// The source's own, such as `AccessDenied` or `403`.
        package var code = ""
        package var reason = ""

        package init(_ result: Result = .unknown, code: String = "", reason: String = "") {
            self.result = result
            self.code = code
            self.reason = reason
        }

        package static let codec = unsafe ProtoCodec(indelible__v1__outcome__init, Self.init(generated:))

        @unsafe private init(generated: Indelible__V1__Outcome) throws(IndelibleError) {
            unsafe self.init(
                Result(rawValue: generated.result.rawValue) ?? .unknown,
                code: String(field: generated.code),
                reason: String(field: generated.reason),
            )
        }

        package func write(to writer: inout ProtoWriter) {
            writer.varint(1, UInt64(self.result.rawValue))
            writer.text(2, self.code)
            writer.text(3, self.reason)
        }
    }
}
