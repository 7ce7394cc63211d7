internal import AuditModel
internal import JSONText

/// Any JSON object, read through a mapping and the usual names.
struct MappedRecord {
    private(set) var event = AuditEvent()
    private let fields: RecordFields
    private let mapping: FieldMapping

    init(_ record: JSONObject, _ mapping: FieldMapping) {
        self.fields = RecordFields(record)
        self.mapping = mapping
        var event = AuditEvent()
        event.occurredNanoseconds = self.time() ?? 0
        event.source = self.text(.source, .source).map { "json/\($0)" } ?? "json"
        event.sourceSequence = self.text(.sequence, .sequence).flatMap { UInt64($0) } ?? 0
        event.actor = self.actor()
        event.action = self.action()
        event.actionClass = ActionName.actionClass(event.action)
        event.targets = self.targets()
        let stated = self.statedOutcome()
        event.outcome = self.outcome(stated, event.action)
        event.origin = AuditEvent.Origin(
            address: self.text(.address, .address) ?? "",
            userAgent: self.text(.userAgent, .userAgent) ?? "",
            session: self.text(.session, .session) ?? "",
            trace: self.text(.trace, .trace) ?? "",
        )
        event.attributes =
            (stated == .unknown ? [AuditEvent.Attribute(key: "outcome.inferred", value: "true")] : [])
            // The top-level scalars.
            + AuditEvent.Attribute.list(record.members.map { ($0.key, $0.value) })
        self.event = event
    }

    private func mapped(_ field: FieldMapping.Field) -> String? {
        for path in self.mapping[field] {
            if let text = self.fields.exact(path), !text.isEmpty { return text }
        }
        return nil
    }

    private func text(_ field: FieldMapping.Field, _ usual: UsualNames) -> String? {
        self.mapped(field) ?? self.fields.first(usual) ?? self.fields.firstNamed(usual)
    }

    /// The first field that holds a time, not the first that has a time's name.
    private func time() -> UInt64? {
        if let text = self.mapped(.time), let time = Timestamp.nanoseconds(text) { return time }
        if let time = self.fields.all(.time).lazy.compactMap(Timestamp.nanoseconds).first { return time }
        return self.fields.allNamed(.time).lazy.compactMap(Timestamp.nanoseconds).first
    }

    private func actor() -> AuditEvent.Actor {
        guard let id = self.mapped(.actor) ?? self.usualActor() else { return AuditEvent.Actor() }
        let name = self.mapped(.actorName) ?? self.fields.first(.actorName) ?? ""
        let words = ActionName.words(self.mapped(.actorKind) ?? self.fields.first(.actorKind) ?? "")
        let kind: AuditEvent.Actor.Kind =
            if words.contains(where: ["svc", "service", "bot", "api", "app", "application", "integration"].contains) {
                .service
            } else if words.contains(where: ["agent", "assistant"].contains) {
                .agent
            } else if words.contains("system") {
                .system
            } else if !words.isEmpty || id.contains("@") {
                .user
            } else {
                .unknown
            }
        return AuditEvent.Actor(id: id, kind: kind, display: name == id ? "" : name)
    }

    /// Sources that do not know the actor write so in words; a further field may know.
    private func usualActor() -> String? {
        let named = self.fields.all(.actor).first { !["unknown", "null", "none"].contains($0.lowercased()) }
        return named ?? self.fields.firstNamed(.actor)
    }

    /// Dotted; under its application when a record names one apart (`id.applicationName` of Google Workspace).
    private func action() -> String {
        guard let name = self.text(.action, .action) else { return "" }
        let action = ActionName.dotted(name)
        guard self.mapped(.action) == nil, let application = self.fields.first(path: "id.applicationname") else {
            return action
        }
        let event = self.fields.first(path: "name").map(ActionName.dotted) ?? action
        return "\(ActionName.dotted(application)).\(event)"
    }

    private func targets() -> [AuditEvent.Target] {
        guard let id = self.text(.target, .target) else { return [] }
        let kind = self.mapped(.targetKind) ?? self.fields.first(.targetKind) ?? ""
        let name = self.mapped(.targetName) ?? self.fields.first(.targetName) ?? ""
        return [
            AuditEvent.Target(kind: ActionName.dotted(kind), id: id, display: name == id ? "" : name)
        ]
    }

    /// What the record says; else what its action's name says.
    ///
    /// An audit record without a word on its outcome tells of something that was done. Such an event says so in the attribute
    /// `outcome.inferred`.
    private func outcome(_ stated: AuditEvent.Outcome.Result, _ action: String) -> AuditEvent.Outcome {
        let code = self.mapped(.outcomeCode) ?? self.fields.first(.outcomeCode) ?? ""
        let reason = self.mapped(.outcomeReason) ?? self.fields.first(.outcomeReason) ?? ""
        guard stated == .unknown else {
            return AuditEvent.Outcome(stated, code: stated == .success ? "" : code, reason: reason)
        }
        let inferred = OutcomeWord.result(action)
        return AuditEvent.Outcome(inferred == .unknown ? .success : inferred, code: code, reason: reason)
    }

    private func statedOutcome() -> AuditEvent.Outcome.Result {
        if let text = self.mapped(.outcome) { return OutcomeWord.result(text) }
        return self.fields.all(.outcome).lazy.map(OutcomeWord.result).first { $0 != .unknown } ?? .unknown
    }
}
