internal import CIndelibleProto
internal import Primitives
package import ProtobufC

extension AuditEvent {
    /// What it was done to.
    package struct Target: Equatable, ProtoMessage {
        /// Such as `aws.s3.bucket` or `k8s.pod`.
        package var kind = ""
        package var id = ""
        /// For people only.
        package var display = ""

        package init(kind: String = "", id: String = "", display: String = "") {
            self.kind = kind
            self.id = id
            self.display = display
        }

        package static let codec = unsafe ProtoCodec(indelible__v1__target__init, Self.init(generated:))

        @unsafe private init(generated: Indelible__V1__Target) throws(IndelibleError) {
            unsafe self.init(
                kind: String(field: generated.kind),
                id: String(field: generated.id),
                display: String(field: generated.display),
            )
        }

        package func write(to writer: inout ProtoWriter) {
            writer.text(1, self.kind)
            writer.text(2, self.id)
            writer.text(3, self.display)
        }
    }
}
