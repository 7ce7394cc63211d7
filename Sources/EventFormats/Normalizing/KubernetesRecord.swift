internal import AuditModel
internal import JSONText
internal import Primitives

/// A Kubernetes audit event (audit.k8s.io/v1, kind Event).
struct KubernetesRecord {
    let event: AuditEvent

    /// By its version; some forwarders drop that, but leave what no other kind has together.
    static func isOne(_ record: JSONObject) -> Bool {
        if record["apiVersion"]?.string?.hasPrefix("audit.k8s.io/") == true { return true }
        let isRequest = record["verb"] != nil && (record["objectRef"] != nil || record["requestURI"] != nil)
        return record["apiVersion"] == nil && record["kind"]?.string == "Event" && isRequest
    }

    /// - Throws: ``IndelibleError/Code/invalidArgument`` when it is not of an audit.k8s.io version.
    init(_ record: JSONObject) throws(IndelibleError) {
        guard Self.isOne(record) else {
            throw IndelibleError(.invalidArgument, "not a Kubernetes audit event: apiVersion is not audit.k8s.io")
        }
        let verb = record["verb"]?.string ?? "request"
        let reference = record["objectRef"]?.object
        var event = AuditEvent()
        event.occurredNanoseconds =
            (record["requestReceivedTimestamp"]?.string ?? record["stageTimestamp"]?.string)
            .flatMap(Timestamp.nanoseconds) ?? 0
        event.source = record["annotations"]?["cluster"]?.string.map { "k8s/\($0)" } ?? "k8s.audit"
        event.actor = Self.actor(record)
        event.action = Self.action(reference, verb)
        event.actionClass = Self.actionClass(reference, verb)
        event.targets = [Self.target(reference, record)]
        event.outcome = Self.outcome(record)
        event.origin = AuditEvent.Origin(
            address: record["sourceIPs"]?[0]?.string ?? "",
            userAgent: record["userAgent"]?.string ?? "",
            trace: record["auditID"]?.string ?? "",
        )
        event.attributes = AuditEvent.Attribute.list([
            ("k8s.stage", record["stage"]), ("k8s.level", record["level"]), ("k8s.request_uri", record["requestURI"]),
            ("k8s.namespace", reference?["namespace"]),
            ("k8s.decision", record["annotations"]?["authorization.k8s.io/decision"]),
            ("k8s.impersonated_user", record["impersonatedUser"]?["username"]),
        ])
        self.event = event
    }

    private static func actor(_ record: JSONObject) -> AuditEvent.Actor {
        let user = record["user"]?["username"]?.string ?? record["user"]?["uid"]?.string ?? ""
        let kind: AuditEvent.Actor.Kind =
            user.hasPrefix("system:serviceaccount:") ? .service : user.hasPrefix("system:") ? .system : .user
        return AuditEvent.Actor(id: user, kind: user.isEmpty ? .unknown : kind)
    }

    private static func action(_ reference: JSONObject?, _ verb: String) -> String {
        guard let resource = reference?["resource"]?.string else { return "k8s.endpoint.\(verb)" }
        let subresource = reference?["subresource"]?.string.map { ".\($0)" } ?? ""
        return "k8s.\(resource)\(subresource).\(verb)"
    }

    private static func actionClass(_ reference: JSONObject?, _ verb: String) -> AuditEvent.ActionClass {
        if let subresource = reference?["subresource"]?.string,
            ["exec", "attach", "portforward", "proxy"].contains(subresource)
        {
            return .execute
        }
        return ActionName.actionClass(verb)
    }

    private static func target(_ reference: JSONObject?, _ record: JSONObject) -> AuditEvent.Target {
        guard let reference, let resource = reference["resource"]?.string else {
            return AuditEvent.Target(kind: "k8s.endpoint", id: record["requestURI"]?.string ?? "unstated")
        }
        let parts = [reference["namespace"]?.string, reference["name"]?.string].compactMap { $0 }.filter { !$0.isEmpty }
        return AuditEvent.Target(
            kind: "k8s.\(resource)",
            id: parts.isEmpty ? resource : parts.joined(separator: "/"),
        )
    }

    private static func outcome(_ record: JSONObject) -> AuditEvent.Outcome {
        let status = record["responseStatus"]
        let reason = status?["reason"]?.string ?? status?["message"]?.string ?? ""
        if record["annotations"]?["authorization.k8s.io/decision"]?.string == "forbid" {
            return AuditEvent.Outcome(.denied, code: status?["code"]?.scalarText ?? "", reason: reason)
        }
        guard let code = status?["code"]?.scalarText.flatMap({ Int($0) }) else {
            if record["stage"]?.string == "Panic" {
                return AuditEvent.Outcome(.failure, code: "Panic", reason: reason)
            }
            let isAllowed = record["annotations"]?["authorization.k8s.io/decision"]?.string == "allow"
            return AuditEvent.Outcome(isAllowed ? .success : .unknown, reason: reason)
        }
        return AuditEvent.Outcome(OutcomeWord.result(httpStatus: code), code: String(code), reason: reason)
    }
}
