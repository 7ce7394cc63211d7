internal import AuditModel

/// What the fields of an event may hold, so that all of them together fit an entry.
enum FieldBounds {
    /// Bytes of an identifier: actor, action, target, user agent.
    static let nameByteCountMax = 1024
    /// Bytes of a detail: attribute values, reasons, tool arguments.
    static let detailByteCountMax = 512
    static let targetCountMax = 8
    static let attributeCountMax = 24
    static let toolCallCountMax = 8

    static func apply(to event: inout AuditEvent) {
        event.source = Self.clip(event.source)
        event.actor.id = Self.clip(event.actor.id)
        event.actor.display = Self.clip(event.actor.display, Self.detailByteCountMax)
        event.action = Self.clip(event.action)
        event.targets = event.targets.prefix(Self.targetCountMax).map { target in
            AuditEvent.Target(
                kind: Self.clip(target.kind, Self.detailByteCountMax),
                id: Self.clip(target.id),
                display: Self.clip(target.display, Self.detailByteCountMax),
            )
        }
        event.outcome.code = Self.clip(event.outcome.code, Self.detailByteCountMax)
        event.outcome.reason = Self.clip(event.outcome.reason, Self.detailByteCountMax)
        event.origin.address = Self.clip(event.origin.address, Self.detailByteCountMax)
        event.origin.userAgent = Self.clip(event.origin.userAgent)
        event.origin.session = Self.clip(event.origin.session, Self.detailByteCountMax)
        event.origin.trace = Self.clip(event.origin.trace, Self.detailByteCountMax)
        event.attributes = Self.clip(event.attributes)
        guard var genAI = event.genAI else { return }
        genAI.provider = Self.clip(genAI.provider, Self.detailByteCountMax)
        genAI.model = Self.clip(genAI.model)
        genAI.modelVersion = Self.clip(genAI.modelVersion, Self.detailByteCountMax)
        genAI.operation = Self.clip(genAI.operation, Self.detailByteCountMax)
        genAI.toolCalls = genAI.toolCalls.prefix(Self.toolCallCountMax).map { call in
            AuditEvent.ToolCall(
                id: Self.clip(call.id, Self.detailByteCountMax),
                name: Self.clip(call.name, Self.detailByteCountMax),
                arguments: Self.clip(call.arguments, Self.detailByteCountMax),
            )
        }
        genAI.finishReasons = genAI.finishReasons.prefix(Self.toolCallCountMax).map {
            Self.clip($0, Self.detailByteCountMax)
        }
        genAI.dataControls = Self.clip(Array(genAI.dataControls.prefix(Self.toolCallCountMax)))
        event.genAI = genAI
    }

    private static func clip(_ attributes: [AuditEvent.Attribute]) -> [AuditEvent.Attribute] {
        attributes.prefix(Self.attributeCountMax).map { attribute in
            AuditEvent.Attribute(
                key: Self.clip(attribute.key, Self.detailByteCountMax),
                value: Self.clip(attribute.value, Self.detailByteCountMax),
            )
        }
    }

    /// Cuts at a character, and replaces NUL, which no `string` field can hold.
    static func clip(_ text: String, _ byteCountMax: Int = Self.nameByteCountMax) -> String {
        guard text.utf8.count > byteCountMax || text.utf8.contains(0) else { return text }
        var scalars = String.UnicodeScalarView()
        var byteCount = 0
        for scalar in text.unicodeScalars {
            let scalar = scalar == "\0" ? "\u{fffd}" : scalar
            byteCount += UTF8.width(scalar)
            guard byteCount <= byteCountMax else { break }
            scalars.append(scalar)
        }
        return String(scalars)
    }
}
