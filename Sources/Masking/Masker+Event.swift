package import AuditModel
package import Primitives

extension Masker {
    /// Masks an event that is ready made: its raw record, then every text field.
    ///
    /// A rule's path leads to fields of the raw record, and below `event` to the event's own: `event.actor.id`,
    /// `event.attributes.NAME`. The fields that name what happened, and how (source, action, outcome code, format), stay as they are.
    ///
    /// - Returns: whether anything changed.
    /// - Throws: what the keys throw; ``IndelibleError/Code/internal`` when libcrypto fails.
    @discardableResult
    package func mask(_ event: inout AuditEvent) throws(IndelibleError) -> Bool {
        let before = event
        let subjects = self.subjects(of: event.raw)
        event.raw = try self.masked(event.raw, subjects: subjects)
        var spans = SpanList(event.masks)
        spans.record(event.raw, at: "raw", isChanged: event.raw != before.raw)
        try self.maskFields(&event, subjects, &spans)
        event.masks = spans.spans
        return event != before
    }

    /// Masks the fields beside the raw record, and notes what in them was masked with the record that they were made of.
    ///
    /// - Throws: as ``mask(_:)-(AuditEvent)``.
    package func maskFields(_ event: inout AuditEvent) throws(IndelibleError) {
        var spans = SpanList(event.masks)
        try self.maskFields(&event, [:], &spans)
        event.masks = spans.spans
    }

    private func maskFields(
        _ event: inout AuditEvent,
        _ subjects: [String: [UInt8]],
        _ spans: inout SpanList,
    ) throws(IndelibleError) {
        var fields = EventFields(self, subjects: subjects, spans: spans)
        try fields.mask(&event.actor.id, "actor.id")
        try fields.mask(&event.actor.display, "actor.display")
        for index in event.targets.indices {
            try fields.mask(&event.targets[index].id, "targets.\(index).id", "targets.id")
            try fields.mask(&event.targets[index].display, "targets.\(index).display", "targets.display")
        }
        try fields.mask(&event.outcome.reason, "outcome.reason")
        try fields.mask(&event.origin.address, "origin.address")
        try fields.mask(&event.origin.userAgent, "origin.user_agent")
        try fields.mask(&event.origin.session, "origin.session")
        for index in event.attributes.indices {
            let key = event.attributes[index].key
            try fields.mask(&event.attributes[index].value, "attributes.\(index).value", "attributes.\(key)")
        }
        if var genAI = event.genAI {
            for index in genAI.toolCalls.indices {
                try fields.mask(
                    &genAI.toolCalls[index].arguments,
                    "genai.tool_calls.\(index).arguments",
                    "genai.arguments",
                )
            }
            for index in genAI.dataControls.indices {
                let key = genAI.dataControls[index].key
                try fields.mask(
                    &genAI.dataControls[index].value,
                    "genai.data_controls.\(index).value",
                    "genai.data_controls.\(key)",
                )
            }
            if genAI != event.genAI { event.genAI = genAI }
        }
        spans = fields.spans
    }
}

/// Text fields of an event, one after the other.
private struct EventFields {
    private let masker: Masker
    private let subjects: [String: [UInt8]]
    private(set) var spans: SpanList
    private static let root = NameHash.of("event")

    init(_ masker: Masker, subjects: [String: [UInt8]], spans: SpanList) {
        self.masker = masker
        self.subjects = subjects
        self.spans = spans
    }

    /// - Parameters:
    ///   - span: how spans call the field.
    ///   - path: how rules do, below `event`; the same when `nil`.
    mutating func mask(_ field: inout String, _ span: String, _ path: String? = nil) throws(IndelibleError) {
        guard !field.isEmpty else { return }
        let path = path ?? span
        let source = Array(field.utf8)
        let names = [Self.root] + path.split(separator: ".").map { NameHash.of($0) }
        let masked: [UInt8]
        if let rule = self.masker.table.rule(at: names) {
            let isMasked = MaskToken.end(source.span, at: 0, before: source.count) == source.count
            masked = isMasked ? source : Array(try self.masker.token(rule, source, subjects: self.subjects).utf8)
        } else {
            let name = Array(path.utf8)
            let last = (name.lastIndex(of: UInt8(ascii: ".")) ?? -1) + 1
            var output = MaskOutput(self.masker, subjects: self.subjects)
            let hints = Hints.name(last..<name.count, of: name.span)
            try output.text(source.span, 0..<source.count, names: names, field: .known(hints))
            masked = output.finish(source)
        }
        self.spans.record(masked, at: span, isChanged: masked != source)
        if masked != source { field = String(decoding: masked, as: UTF8.self) }
    }
}
