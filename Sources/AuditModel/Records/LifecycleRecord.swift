internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// A component of the suite starts, stops or changes its policy.
package struct LifecycleRecord: Equatable, ProtoMessage {
    /// `ledger`, `ingest`, `verifier` or `analyzer`.
    package var component: String
    /// `start`, `stop` or `policy`.
    package var change: String
    /// Name and version.
    package var software: String
    package var detail: String

    package init(
        component: String = "",
        change: String = "",
        software: String = "",
        detail: String = "",
    ) {
        self.component = component
        self.change = change
        self.software = software
        self.detail = detail
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__lifecycle_record__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__LifecycleRecord) throws(IndelibleError) {
        unsafe self.init(
            component: String(field: generated.component),
            change: String(field: generated.change),
            software: String(field: generated.software),
            detail: String(field: generated.detail),
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.text(1, self.component)
        writer.text(2, self.change)
        writer.text(3, self.software)
        writer.text(4, self.detail)
    }
}
