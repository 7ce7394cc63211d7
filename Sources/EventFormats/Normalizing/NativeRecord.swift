internal import AuditModel
internal import JSONText

/// An event in our own JSON, with the names that `indelible show --json` writes, read straight into the event.
///
///     {"action":"user.role.update","actor":{"id":"alice","kind":"user"},"targets":[{"kind":"user","id":"bob"}],
///      "outcome":{"result":"success"},"occurred":"2026-01-31T12:00:00Z","source":"crm"}
///
/// A record with any other member, or with a value of another kind, is not one: it is read as other JSON is.
struct NativeRecord {
    private typealias Reading = (inout NativeRecord, Int, inout JSONReader) throws(JSONError) -> Void

    private var event = AuditEvent()
    private var isNative = true

    /// - Returns: `nil` when the record is other JSON.
    /// - Throws: ``JSONError`` when it is no JSON, or names a member twice.
    static func read(_ bytes: [UInt8], options: JSONOptions) throws(JSONError) -> AuditEvent? {
        var reader = JSONReader(bytes, options: options)
        try reader.checkStart()
        var record = NativeRecord()
        try record.readEvent(&reader)
        try reader.finish()
        return record.isNative && !record.event.action.isEmpty ? record.event : nil
    }

    private static let classes = AuditEvent.ActionClass.allCases.map { (text: "\($0)", word: $0) }
    private static let kinds = AuditEvent.Actor.Kind.allCases.map { (text: "\($0)", word: $0) }
    private static let results = AuditEvent.Outcome.Result.allCases.map { (text: "\($0)", word: $0) }

    private static let eventNames = [
        "id", "occurred", "source", "source_sequence", "actor", "action", "action_class", "targets", "outcome",
        "origin", "attributes",
    ]

    private mutating func readEvent(_ reader: inout JSONReader) throws(JSONError) {
        try self.members(Self.eventNames, &reader) { record, member, reader throws(JSONError) in
            switch member {
            case 0:
                record.event.id = EventID(try record.text(&reader))
                if record.event.id == nil { record.isNative = false }
            case 1: try record.readTime(&reader)
            case 2: record.event.source = try record.text(&reader)
            case 3:
                let number = try record.value(.number, &reader)?.number?.uint64
                if number == nil { record.isNative = false }
                record.event.sourceSequence = number ?? 0
            case 4: try record.readActor(&reader)
            case 5: record.event.action = try record.text(&reader)
            case 6: record.event.actionClass = try record.word(Self.classes, &reader) ?? .unknown
            case 7:
                try record.elements(&reader) { record, _, reader throws(JSONError) in
                    try record.readTarget(&reader)
                }
            case 8: try record.readOutcome(&reader)
            case 9: try record.readOrigin(&reader)
            default: try record.readAttributes(&reader)
            }
        }
    }

    private mutating func readTime(_ reader: inout JSONReader) throws(JSONError) {
        let text = try reader.peek() == .number ? reader.readNumber().text : self.text(&reader)
        guard let time = Timestamp.nanoseconds(text) else { return self.isNative = false }
        self.event.occurredNanoseconds = time
    }

    private mutating func readActor(_ reader: inout JSONReader) throws(JSONError) {
        try self.members(["id", "kind", "display"], &reader) { record, member, reader throws(JSONError) in
            switch member {
            case 0: record.event.actor.id = try record.text(&reader)
            case 1: record.event.actor.kind = try record.word(Self.kinds, &reader) ?? .unknown
            default: record.event.actor.display = try record.text(&reader)
            }
        }
    }

    private mutating func readTarget(_ reader: inout JSONReader) throws(JSONError) {
        var target = AuditEvent.Target(id: "")
        try self.members(["kind", "id", "display"], &reader) { record, member, reader throws(JSONError) in
            let text = try record.text(&reader)
            switch member {
            case 0: target.kind = text
            case 1: target.id = text
            default: target.display = text
            }
        }
        // What does not fit an event is not dropped: the record is read as other JSON, which keeps its bytes.
        guard self.event.targets.count < FieldBounds.targetCountMax else { return self.isNative = false }
        self.event.targets.append(target)
    }

    private mutating func readOutcome(_ reader: inout JSONReader) throws(JSONError) {
        try self.members(["result", "code", "reason"], &reader) { record, member, reader throws(JSONError) in
            switch member {
            case 0: record.event.outcome.result = try record.word(Self.results, &reader) ?? .unknown
            case 1: record.event.outcome.code = try record.text(&reader)
            default: record.event.outcome.reason = try record.text(&reader)
            }
        }
    }

    private mutating func readOrigin(_ reader: inout JSONReader) throws(JSONError) {
        let names = ["address", "user_agent", "session", "trace"]
        try self.members(names, &reader) { record, member, reader throws(JSONError) in
            let text = try record.text(&reader)
            switch member {
            case 0: record.event.origin.address = text
            case 1: record.event.origin.userAgent = text
            case 2: record.event.origin.session = text
            default: record.event.origin.trace = text
            }
        }
    }

    /// A list of `{"key","value"}`.
    private mutating func readAttributes(_ reader: inout JSONReader) throws(JSONError) {
        try self.elements(&reader) { record, _, reader throws(JSONError) in
            var attribute = AuditEvent.Attribute(key: "", value: "")
            try record.members(["key", "value"], &reader) { record, member, reader throws(JSONError) in
                let text = try record.text(&reader)
                if member == 0 { attribute.key = text } else { attribute.value = text }
            }
            guard record.event.attributes.count < FieldBounds.attributeCountMax else { return record.isNative = false }
            record.event.attributes.append(attribute)
        }
    }

    // MARK: - Values

    /// Reads an object whose members are all among `names`, each at most once.
    private mutating func members(
        _ names: [String],
        _ reader: inout JSONReader,
        _ read: Reading,
    ) throws(JSONError) {
        guard try reader.peek() == .object else { return try self.other(&reader) }
        var seen: UInt32 = 0
        try reader.readObject { key, reader throws(JSONError) in
            // Once it is other JSON there is nothing more to read here.
            guard self.isNative, let member = names.firstIndex(of: key) else { return try self.other(&reader) }
            guard seen & 1 << member == 0 else {
                throw reader.failure("the name \(JSONWriter.quoted(key)) occurs twice in one object")
            }
            seen |= 1 << member
            try read(&self, member, &reader)
        }
    }

    private mutating func elements(_ reader: inout JSONReader, _ read: Reading) throws(JSONError) {
        guard try reader.peek() == .array else { return try self.other(&reader) }
        var position = 0
        try reader.readArray { reader throws(JSONError) in
            try read(&self, position, &reader)
            position += 1
        }
    }

    private mutating func text(_ reader: inout JSONReader) throws(JSONError) -> String {
        guard try reader.peek() == .string else {
            try self.other(&reader)
            return ""
        }
        return try reader.readString()
    }

    private mutating func value(_ kind: JSONReader.Kind, _ reader: inout JSONReader) throws(JSONError) -> JSONValue? {
        guard try reader.peek() == kind else {
            try self.other(&reader)
            return nil
        }
        return try reader.readValue()
    }

    /// The case of an enumeration that is written so.
    private mutating func word<Word>(
        _ words: [(text: String, word: Word)],
        _ reader: inout JSONReader,
    ) throws(JSONError) -> Word? {
        let text = try self.text(&reader)
        let word = words.first { $0.text == text }?.word
        if word == nil { self.isNative = false }
        return word
    }

    private mutating func other(_ reader: inout JSONReader) throws(JSONError) {
        self.isNative = false
        try reader.skipValue()
    }
}
