package import JSONText

/// The kinds of records that have a reader of their own.
package enum SourceFormat: String, Sendable, CaseIterable {
    case cloudtrail
    case k8s
    case windows
    case genai
    /// Any other JSON, read through a ``FieldMapping``.
    case jsonl

    /// What an event's `format` field says of its raw record.
    package var name: String {
        switch self {
        case .cloudtrail: "aws.cloudtrail"
        case .k8s: "k8s.audit"
        case .windows: "windows.security"
        case .genai: "genai.call"
        case .jsonl: "app.json"
        }
    }

    /// As ``name``, of events in our own JSON.
    package static let nativeName = "indelible.json"

    /// Judges a record by the fields that only its source has together.
    package init(detecting record: JSONObject) {
        self =
            if record["eventSource"] != nil && record["eventName"] != nil {
                .cloudtrail
            } else if KubernetesRecord.isOne(record) {
                .k8s
            } else if record["schemaType"]?.string == "ModelInvocationLog" || Self.hasGenAIAttributes(record) {
                .genai
            } else if record["EventID"] != nil && (record["Channel"] != nil || record["SourceName"] != nil) {
                .windows
            } else {
                .jsonl
            }
    }

    /// OpenTelemetry's names, on the record or in its `attributes`.
    private static func hasGenAIAttributes(_ record: JSONObject) -> Bool {
        record["gen_ai.operation.name"] != nil || record["attributes"]?["gen_ai.operation.name"] != nil
    }
}
