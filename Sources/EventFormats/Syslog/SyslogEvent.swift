internal import AuditModel
internal import JSONText
package import Primitives

extension EventNormalizer {
    /// The event that a syslog message tells of; the message is kept, byte for byte or masked.
    ///
    /// - Parameters:
    ///   - record: one message without its framing, not empty.
    ///   - knownByNanoseconds: when it was received.
    ///   - seed: as for ``normalize(_:knownByNanoseconds:seed:)``.
    /// - Throws: ``IndelibleError/Code/internal`` when hashing fails, and what the masker's keys throw.
    package func normalize(
        syslog record: RawRecord,
        knownByNanoseconds: UInt64,
        seed: [UInt8] = [],
    ) throws(IndelibleError) -> NormalizedEvent {
        let (record, masks) = try self.masked(record)
        let message = SyslogMessage(record.bytes, receivedNanoseconds: knownByNanoseconds)
        var event = self.event(message)
        event.raw = record.bytes
        event.masks = masks
        return try self.finish(event, record, message.form.rawValue, knownByNanoseconds, seed)
    }

    private func event(_ message: SyslogMessage) -> AuditEvent {
        var event = self.structured(message.text) ?? KnownLine.event(message.application, message.text) ?? AuditEvent()
        let service = [message.application, message.host, self.source ?? ""].first { !$0.isEmpty } ?? ""
        if event.action.isEmpty {
            event.action = Self.action(message)
            event.actionClass = ActionName.actionClass(event.action)
        }
        if event.outcome.result == .unknown {
            // RFC 5424, section 6.2.1: 0 to 3 are errors and worse.
            event.outcome = AuditEvent.Outcome(message.severity <= 3 ? .failure : .success)
            event.attributes.insert(AuditEvent.Attribute(key: "outcome.inferred", value: "true"), at: 0)
        }
        if event.actor.id.isEmpty { event.actor = AuditEvent.Actor(id: service, kind: .service) }
        if event.targets.isEmpty { event.targets = [AuditEvent.Target(kind: "host", id: message.host)] }
        if message.occurredNanoseconds > 0 { event.occurredNanoseconds = message.occurredNanoseconds }
        event.source = message.host.isEmpty ? "syslog" : "syslog/\(message.host)"
        var attributes = [
            ("syslog.facility", "\(message.facility)"), ("syslog.severity", "\(message.severity)"),
            ("syslog.application", message.application), ("syslog.process", message.processID),
            ("syslog.message_id", message.messageID),
        ]
        for element in message.elements {
            attributes += element.parameters.map { ("\(element.id).\($0.name)", $0.value) }
        }
        attributes.append(("message", message.text))
        event.attributes += attributes.filter { !$0.1.isEmpty }.map { AuditEvent.Attribute(key: $0.0, value: $0.1) }
        return event
    }

    /// A message whose text is a JSON object, as some services write them, also after `@cee:`.
    private func structured(_ text: String) -> AuditEvent? {
        let text = text.hasPrefix("@cee:") ? text.dropFirst(5) : text[...]
        guard text.drop(while: { $0 == " " }).first == "{", let object = try? self.parse(Array(text.utf8)) else {
            return nil
        }
        var event = MappedRecord(object, self.mapping).event
        event.attributes = event.attributes.filter { $0.key == "outcome.inferred" }
        return event
    }

    /// The message's own name for what it tells of; else that it is a message of its application.
    private static func action(_ message: SyslogMessage) -> String {
        let name = ActionName.dotted(message.messageID)
        let application = ActionName.words(message.application).joined(separator: "_")
        guard !name.isEmpty else { return application.isEmpty ? "log.record" : "log.\(application)" }
        return application.isEmpty ? name : "\(application).\(name)"
    }
}
