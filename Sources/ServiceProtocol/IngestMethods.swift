package import Wire

/// The methods of the collector: `service Ingest` in `proto/indelible/v1/ingest.proto`.
package enum IngestMethods {
    package static let submit = MethodDescriptor(
        number: 101,
        name: "Submit",
        shape: .unary,
        // What each role may submit is the collector's to say: only writers submit events.
        roles: Set(Role.allCases),
    )
    package static let getIngestStatus = MethodDescriptor(
        number: 102,
        name: "GetIngestStatus",
        shape: .unary,
        roles: Set(Role.allCases),
    )

    /// By number.
    package static let all = [Self.submit, Self.getIngestStatus]
}
