internal import CIndelibleProto
internal import Primitives
package import ProtobufC

extension AuditEvent {
    /// Who did it.
    package struct Actor: Equatable, ProtoMessage {
        package enum Kind: UInt32, Sendable, CaseIterable {
            case unknown = 0
            case user = 1
            case service = 2
            case agent = 3
            case system = 4
        }

        /// Unique within the source; decides the ``ActorSlot``.
        package var id = ""
        package var kind = Kind.unknown
        /// For people only.
        package var display = ""

        package init(id: String = "", kind: Kind = .unknown, display: String = "") {
            self.id = id
            self.kind = kind
            self.display = display
        }

        package static let codec = unsafe ProtoCodec(indelible__v1__actor__init, Self.init(generated:))

        @unsafe private init(generated: Indelible__V1__Actor) throws(IndelibleError) {
            unsafe self.init(
                id: String(field: generated.id),
                kind: Kind(rawValue: generated.kind.rawValue) ?? .unknown,
                display: String(field: generated.display),
            )
        }

        package func write(to writer: inout ProtoWriter) {
            writer.text(1, self.id)
            writer.varint(2, UInt64(self.kind.rawValue))
            writer.text(3, self.display)
        }
    }
}
