internal import AuditModel
internal import JSONText
package import Primitives

extension OTLPItem {
    /// What an event's `format` field says of it.
    private var formatName: String { "otlp.\(self.signal.rawValue)" }

    /// The event that the item tells of, by OpenTelemetry's semantic conventions.
    ///
    /// An item with `gen_ai.operation.name` is a call of a model. The raw record is the item as JSON.
    ///
    /// - Parameters:
    ///   - normalizer: completes and bounds the event.
    ///   - number: the item's place in its request.
    ///   - receivedNanoseconds: when it was received, since the Unix epoch.
    ///   - seed: tells apart requests that are alike and are not the same.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` with the reason when no event can be made of it.
    package func event(
        _ normalizer: EventNormalizer,
        number: Int,
        receivedNanoseconds: UInt64,
        seed: [UInt8],
    ) throws(IndelibleError) -> NormalizedEvent {
        var writer = JSONWriter()
        writer.value(.object(self.record))
        let whole = RawRecord(
            bytes: writer.bytes,
            number: UInt64(number),
            line: 1,
            byteRange: 0..<UInt64(writer.bytes.count),
        )
        let (record, masks) = try normalizer.masked(whole)
        // What was masked must not come back from the item itself.
        let item =
            record.bytes == whole.bytes ? self : OTLPItem(self.signal, record: try normalizer.parse(record.bytes))
        var event = try item.bareEvent
        event.raw = record.bytes
        event.masks = masks
        return try normalizer.finish(event, record, self.formatName, receivedNanoseconds, seed)
    }

    /// The event without its record.
    private var bareEvent: AuditEvent {
        get throws(IndelibleError) {
            var event: AuditEvent
            if self.attributes.value("gen_ai.operation.name")?.text != nil {
                var members = self.record
                if let service = self.resource.text(["service.name"]) { members.append("service", .string(service)) }
                event = try GenAIRecord(members).event
                if event.occurredNanoseconds == 0 { event.occurredNanoseconds = self.occurredNanoseconds }
                if self.statusCode == 2, event.outcome.result == .success {
                    event.outcome = AuditEvent.Outcome(.failure, code: "error", reason: self.statusMessage)
                }
            } else {
                event = self.plainEvent
            }
            event.source = self.resource.text(["service.name"]).map { "otlp/\($0)" } ?? "otlp"
            return event
        }
    }

    private var occurredNanoseconds: UInt64 { self.timeNanoseconds > 0 ? self.timeNanoseconds : self.laterNanoseconds }

    private static let actorKeys = [
        "enduser.id", "user.id", "user.email", "user.name", "actor.id", "actor", "client.id", "process.owner",
    ]
    private static let actionKeys = ["event.name", "event.action", "action"]
    private static let targetKeys = [
        "target.id", "target", "resource.id", "url.full", "http.url", "url.path", "http.route", "http.target",
        "db.namespace", "db.name", "file.path", "k8s.object.name", "messaging.destination.name", "rpc.method",
    ]
    private static let outcomeKeys = [
        "event.outcome", "outcome", "result", "http.response.status_code", "http.status_code", "error.type",
    ]

    private var plainEvent: AuditEvent {
        var event = AuditEvent()
        event.occurredNanoseconds = self.occurredNanoseconds
        event.actor = self.actor
        event.action = self.action
        event.actionClass = ActionName.actionClass(event.action)
        event.targets = [self.target]
        let (outcome, isInferred) = self.outcome
        event.outcome = outcome
        event.origin = AuditEvent.Origin(
            address: self.attributes.text(["client.address", "source.address", "network.peer.address", "net.peer.ip"])
                ?? "",
            userAgent: self.attributes.text(["user_agent.original", "http.user_agent"]) ?? "",
            session: self.attributes.text(["session.id"]) ?? "",
            trace: Hex.encode(self.traceID),
        )
        if isInferred { event.attributes.append(AuditEvent.Attribute(key: "outcome.inferred", value: "true")) }
        for attribute in self.attributes {
            guard let text = attribute.value.text else { continue }
            event.attributes.append(AuditEvent.Attribute(key: attribute.key, value: text))
        }
        return event
    }

    private var actor: AuditEvent.Actor {
        if let id = self.attributes.text(Self.actorKeys) { return AuditEvent.Actor(id: id, kind: .user) }
        guard let service = self.resource.text(["service.name"]) else { return AuditEvent.Actor() }
        return AuditEvent.Actor(id: service, kind: .service)
    }

    /// A log record's event name; without one, words of its body; a span's name.
    private var action: String {
        let named = self.attributes.text(Self.actionKeys) ?? (self.name.isEmpty ? nil : self.name)
        if let named { return ActionName.dotted(named) }
        guard let text = self.body.text else { return "" }
        return ActionName.words(text).prefix(6).joined(separator: "_")
    }

    private var target: AuditEvent.Target {
        if let id = self.attributes.text(Self.targetKeys) {
            return AuditEvent.Target(kind: self.attributes.text(["target.type", "target.kind"]) ?? "", id: id)
        }
        return AuditEvent.Target(kind: "service", id: self.resource.text(["service.name"]) ?? self.scopeName)
    }

    /// What the item says, and whether it only did not say otherwise.
    private var outcome: (outcome: AuditEvent.Outcome, isInferred: Bool) {
        let code = self.attributes.text(["error.type", "http.response.status_code", "http.status_code"]) ?? ""
        let stated = Self.outcomeKeys.lazy.compactMap { self.attributes.text([$0]) }
            .map { OutcomeWord.result($0) }.first { $0 != .unknown }
        if let stated {
            return (
                AuditEvent.Outcome(stated, code: stated == .success ? "" : code, reason: self.statusMessage), false,
            )
        }
        let errorSeverity: UInt32 = 17
        if self.statusCode == 2 || self.severity >= errorSeverity {
            return (AuditEvent.Outcome(.failure, code: code, reason: self.statusMessage), false)
        }
        return (AuditEvent.Outcome(.success), self.statusCode != 1)
    }
}
