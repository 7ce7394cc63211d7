internal import AuditModel
internal import JSONText
package import Primitives

/// How a protocol over HTTP wraps the records that it delivers.
package enum Delivery: Sendable, Equatable {
    /// Splunk's HTTP Event Collector: `{"time","host","source","sourcetype","event"}`.
    case hec
    /// CloudEvents 1.0 in structured mode.
    case cloudEvent
    /// A webhook of GitHub, by the event that its header names.
    case github(event: String)
    /// A webhook or a streamed audit event of GitLab, by the event that its header names.
    case gitlab(event: String)

    var formatName: String {
        switch self {
        case .hec: "splunk.hec"
        case .cloudEvent: "cloudevents.json"
        case .github: "github.webhook"
        case .gitlab: "gitlab.webhook"
        }
    }
}

extension EventNormalizer {
    /// The event that a delivered record tells of.
    ///
    /// - Parameters:
    ///   - delivery: what the record is wrapped in.
    ///   - record: with its wrapping; all of it is kept.
    ///   - knownByNanoseconds: as for ``normalize(_:knownByNanoseconds:seed:)``, as is `seed`.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` with the reason when it is not such a record.
    package func normalize(
        _ delivery: Delivery,
        _ record: RawRecord,
        knownByNanoseconds: UInt64,
        seed: [UInt8],
    ) throws(IndelibleError) -> NormalizedEvent {
        let (record, masks) = try self.masked(record)
        let object = try self.parse(record.bytes)
        var event =
            switch delivery {
            case .hec: try self.hec(object)
            case .cloudEvent: try self.cloudEvent(object)
            case .github(let name): self.github(object, name)
            case .gitlab(let name): self.gitlab(object, name)
            }
        event.raw = record.bytes
        event.masks = masks
        return try self.finish(event, record, delivery.formatName, knownByNanoseconds, seed)
    }

    // MARK: - Splunk

    private func hec(_ object: JSONObject) throws(IndelibleError) -> AuditEvent {
        guard let value = object["event"], !value.isNull else {
            throw IndelibleError(.invalidArgument, "it has no event")
        }
        let host = object["host"]?.string ?? ""
        var event: AuditEvent
        if let inner = value.object {
            event = MappedRecord(inner, self.mapping).event
        } else {
            guard let text = value.scalarText, !text.isEmpty else {
                throw IndelibleError(.invalidArgument, "its event is neither an object nor text")
            }
            event = AuditEvent()
            event.actor = AuditEvent.Actor(id: host, kind: host.isEmpty ? .unknown : .service)
            event.action = object["sourcetype"]?.string.map(ActionName.dotted) ?? "log.record"
            event.outcome = AuditEvent.Outcome(.success)
            event.attributes = [
                AuditEvent.Attribute(key: "outcome.inferred", value: "true"),
                AuditEvent.Attribute(key: "message", value: text),
            ]
        }
        if event.occurredNanoseconds == 0 {
            event.occurredNanoseconds = object["time"]?.scalarText.flatMap(Timestamp.nanoseconds) ?? 0
        }
        let source = object["source"]?.string ?? object["sourcetype"]?.string ?? host
        event.source = source.isEmpty ? "splunk" : "splunk/\(source)"
        if event.targets.isEmpty {
            event.targets = [AuditEvent.Target(kind: "host", id: host.isEmpty ? source : host)]
        }
        event.attributes += AuditEvent.Attribute.list(
            ["host", "sourcetype", "index"].map { ("splunk.\($0)", object[$0]) }
        )
        return event
    }

    // MARK: - CloudEvents

    private func cloudEvent(_ object: JSONObject) throws(IndelibleError) -> AuditEvent {
        for name in ["id", "source", "type"] where object[name]?.string?.isEmpty ?? true {
            throw IndelibleError(.invalidArgument, "it has no \(name), which CloudEvents requires")
        }
        guard object["specversion"]?.string == "1.0" else {
            throw IndelibleError(.invalidArgument, "its specversion is not 1.0")
        }
        let source = object["source"]?.string ?? ""
        var event = MappedRecord(object["data"]?.object ?? JSONObject(), self.mapping).event
        event.action = ActionName.dotted(object["type"]?.string ?? "")
        event.actionClass = ActionName.actionClass(event.action)
        if let time = object["time"]?.string.flatMap(Timestamp.nanoseconds) { event.occurredNanoseconds = time }
        if let subject = object["subject"]?.string {
            event.targets = [AuditEvent.Target(kind: "subject", id: subject)]
        } else if event.targets.isEmpty {
            event.targets = [AuditEvent.Target(kind: "source", id: source)]
        }
        if event.actor.id.isEmpty { event.actor = AuditEvent.Actor(id: source, kind: .service) }
        event.source = "cloudevents/\(source)"
        event.origin.trace = object["traceparent"]?.string ?? event.origin.trace
        event.attributes += AuditEvent.Attribute.list([("ce.id", object["id"]), ("ce.type", object["type"])])
        return event
    }

    // MARK: - Webhooks

    private func github(_ object: JSONObject, _ name: String) -> AuditEvent {
        var event = MappedRecord(object, self.mapping).event
        let action = object["action"]?.string.map { ".\(ActionName.dotted($0))" } ?? ""
        event.action = "github.\(ActionName.dotted(name))\(action)"
        event.actionClass = ActionName.actionClass(event.action)
        if let login = object["sender"]?["login"]?.string {
            event.actor = AuditEvent.Actor(
                id: login,
                kind: object["sender"]?["type"]?.string == "Bot" ? .service : .user,
            )
        }
        let owner = object["organization"]?["login"]?.string ?? object["enterprise"]?["slug"]?.string
        let repository = object["repository"]?["full_name"]?.string
        if let target = repository ?? owner {
            event.targets = [
                AuditEvent.Target(kind: repository == nil ? "github.organization" : "github.repository", id: target)
            ]
        }
        event.source = (owner ?? repository).map { "github/\($0)" } ?? "github"
        return event
    }

    private func gitlab(_ object: JSONObject, _ name: String) -> AuditEvent {
        var event = MappedRecord(object, self.mapping).event
        let details = object["details"]
        let kind =
            object["event_type"]?.string ?? object["event_name"]?.string ?? object["object_kind"]?.string ?? name
        let action = object["object_attributes"]?["action"]?.string.map { ".\(ActionName.dotted($0))" } ?? ""
        event.action = "gitlab.\(ActionName.dotted(kind))\(action)"
        event.actionClass = ActionName.actionClass(event.action)
        let user =
            details?["author_name"]?.string ?? object["user"]?["username"]?.string ?? object["user_username"]?.string
        if let user = user ?? object["author_id"]?.scalarText { event.actor = AuditEvent.Actor(id: user, kind: .user) }
        let project = object["entity_path"]?.string ?? object["project"]?["path_with_namespace"]?.string
        let target = details?["target_details"]?.scalarText ?? project
        if let target {
            event.targets = [
                AuditEvent.Target(
                    kind: details?["target_type"]?.string.map(ActionName.dotted) ?? "gitlab.project",
                    id: target,
                )
            ]
        }
        if let address = details?["ip_address"]?.string { event.origin.address = address }
        event.source = project.map { "gitlab/\($0)" } ?? "gitlab"
        return event
    }
}
