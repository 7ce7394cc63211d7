internal import CIndelibleProto
internal import Primitives
package import ProtobufC

extension AuditEvent {
    /// A named detail that no field of its own exists for.
    package struct Attribute: Equatable, ProtoMessage {
        package var key = ""
        package var value = ""

        package init(key: String = "", value: String = "") {
            self.key = key
            self.value = value
        }

        package static let codec = unsafe ProtoCodec(indelible__v1__attribute__init, Self.init(generated:))

        @unsafe private init(generated: Indelible__V1__Attribute) throws(IndelibleError) {
            unsafe self.init(key: String(field: generated.key), value: String(field: generated.value))
        }

        package func write(to writer: inout ProtoWriter) {
            writer.text(1, self.key)
            writer.text(2, self.value)
        }
    }
}
