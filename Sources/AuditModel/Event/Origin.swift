internal import CIndelibleProto
internal import Primitives
package import ProtobufC

extension AuditEvent {
    /// Where it came from.
    package struct Origin: Equatable, ProtoMessage {
        /// An IP address, or the source's name for where it was called from.
        package var address = ""
        package var userAgent = ""
        package var session = ""
        package var trace = ""

        package init(address: String = "", userAgent: String = "", session: String = "", trace: String = "") {
            self.address = address
            self.userAgent = userAgent
            self.session = session
            self.trace = trace
        }

        package static let codec = unsafe ProtoCodec(indelible__v1__origin__init, Self.init(generated:))

        @unsafe private init(generated: Indelible__V1__Origin) throws(IndelibleError) {
            unsafe self.init(
                address: String(field: generated.address),
                userAgent: String(field: generated.user_agent),
                session: String(field: generated.session),
                trace: String(field: generated.trace),
            )
        }

        package func write(to writer: inout ProtoWriter) {
            writer.text(1, self.address)
            writer.text(2, self.userAgent)
            writer.text(3, self.session)
            writer.text(4, self.trace)
        }
    }
}
