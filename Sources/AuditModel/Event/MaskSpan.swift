internal import CIndelibleProto
internal import Primitives
package import ProtobufC

extension AuditEvent {
    /// A stretch of a field that was masked before the event was signed.
    package struct MaskSpan: Equatable, ProtoMessage {
        /// Field of the event, such as `raw` or `actor.id`.
        package var path = ""
        /// Bytes, in the masked text.
        package var offset: UInt32 = 0
        package var byteCount: UInt32 = 0
        /// Name of the rule that asked for it.
        package var rule = ""
        /// `redact`, `keep_last`, `keyed_hash` or `encrypt`.
        package var action = ""

        package init(
            path: String = "",
            offset: UInt32 = 0,
            byteCount: UInt32 = 0,
            rule: String = "",
            action: String = "",
        ) {
            self.path = path
            self.offset = offset
            self.byteCount = byteCount
            self.rule = rule
            self.action = action
        }

        package static let codec = unsafe ProtoCodec(indelible__v1__mask_span__init, Self.init(generated:))

        @unsafe private init(generated: Indelible__V1__MaskSpan) throws(IndelibleError) {
            unsafe self.init(
                path: String(field: generated.path),
                offset: generated.offset,
                byteCount: generated.byte_count,
                rule: String(field: generated.rule),
                action: String(field: generated.action),
            )
        }

        package func write(to writer: inout ProtoWriter) {
            writer.text(1, self.path)
            writer.varint(2, UInt64(self.offset))
            writer.varint(3, UInt64(self.byteCount))
            writer.text(4, self.rule)
            writer.text(5, self.action)
        }
    }
}
