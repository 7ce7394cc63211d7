internal import JSONText
internal import Primitives

/// A log record or a span of the OpenTelemetry protocol, whichever encoding it came in.
package struct OTLPItem: Sendable, Equatable {
    package enum Signal: String, Sendable {
        case log
        case span
    }

    package var signal: Signal
    /// Of the resource: who emits, such as `service.name`.
    package var resource: [OTLPAttribute] = []
    package var scopeName = ""
    package var scopeVersion = ""
    /// Of a span its start; nanoseconds since the Unix epoch, 0 when unknown.
    package var timeNanoseconds: UInt64 = 0
    /// When a log record was first seen, or a span ended.
    package var laterNanoseconds: UInt64 = 0
    package var traceID: [UInt8] = []
    package var spanID: [UInt8] = []
    package var attributes: [OTLPAttribute] = []
    /// A log record's event name, or a span's name.
    package var name = ""
    /// Of a log record: OpenTelemetry's 1 to 24; 0 when unset.
    package var severity: UInt32 = 0
    package var severityText = ""
    package var body = OTLPValue.null
    /// Of a span.
    package var parentID: [UInt8] = []
    package var kind: UInt32 = 0
    /// Of a span: 1 ok, 2 error; 0 when unset.
    package var statusCode: UInt32 = 0
    package var statusMessage = ""
    /// Of a span: what happened in it.
    package var events: [Event] = []

    package struct Event: Sendable, Equatable {
        package var timeNanoseconds: UInt64
        package var name: String
        package var attributes: [OTLPAttribute]
    }

    package init(_ signal: Signal) { self.signal = signal }

    /// Lower-case hexadecimal, as OTLP's JSON writes ids.

    /// The whole item as one JSON object, the same for both encodings of the protocol: the raw record of its event.
    var record: JSONObject {
        var record = JSONObject()
        func add(_ key: String, _ text: String) { if !text.isEmpty { record.append(key, .string(text)) } }
        func add(_ key: String, _ number: UInt64) { if number > 0 { record.append(key, .string(String(number))) } }
        record.append("signal", .string(self.signal.rawValue))
        if !self.resource.isEmpty { record.append("resource", .object(self.resource.json)) }
        add("scopeName", self.scopeName)
        add("scopeVersion", self.scopeVersion)
        add(self.signal == .log ? "timeUnixNano" : "startTimeUnixNano", self.timeNanoseconds)
        add(self.signal == .log ? "observedTimeUnixNano" : "endTimeUnixNano", self.laterNanoseconds)
        add("traceId", Hex.encode(self.traceID))
        add("spanId", Hex.encode(self.spanID))
        add("parentSpanId", Hex.encode(self.parentID))
        add(self.signal == .log ? "eventName" : "name", self.name)
        if self.kind > 0 { record.append("kind", .number(JSONNumber(self.kind))) }
        if self.severity > 0 { record.append("severityNumber", .number(JSONNumber(self.severity))) }
        add("severityText", self.severityText)
        if self.body != .null { record.append("body", self.body.json) }
        if !self.attributes.isEmpty { record.append("attributes", .object(self.attributes.json)) }
        if self.statusCode > 0 { record.append("statusCode", .number(JSONNumber(self.statusCode))) }
        add("statusMessage", self.statusMessage)
        if !self.events.isEmpty { record.append("events", .array(self.events.map { .object($0.json) })) }
        return record
    }
}

extension OTLPItem {
    /// The item that ``record`` tells of; its times and ids are those that are still written as such.
    init(_ signal: Signal, record: JSONObject) {
        func text(_ key: String) -> String { record[key]?.string ?? "" }
        func number(_ key: String) -> UInt64 { UInt64(text(key)) ?? 0 }
        func small(_ key: String) -> UInt32 { UInt32(record[key]?.scalarText ?? "") ?? 0 }
        self.init(signal)
        self.resource = .init(record["resource"]?.object)
        self.scopeName = text("scopeName")
        self.scopeVersion = text("scopeVersion")
        self.timeNanoseconds = number(signal == .log ? "timeUnixNano" : "startTimeUnixNano")
        self.laterNanoseconds = number(signal == .log ? "observedTimeUnixNano" : "endTimeUnixNano")
        self.traceID = Hex.decode(text("traceId")) ?? []
        self.spanID = Hex.decode(text("spanId")) ?? []
        self.parentID = Hex.decode(text("parentSpanId")) ?? []
        self.name = text(signal == .log ? "eventName" : "name")
        self.kind = small("kind")
        self.severity = small("severityNumber")
        self.severityText = text("severityText")
        self.body = record["body"].map { OTLPValue($0) } ?? .null
        self.attributes = .init(record["attributes"]?.object)
        self.statusCode = small("statusCode")
        self.statusMessage = text("statusMessage")
        self.events = (record["events"]?.array ?? []).map { event in
            Event(
                timeNanoseconds: UInt64(event["timeUnixNano"]?.string ?? "") ?? 0,
                name: event["name"]?.string ?? "",
                attributes: .init(event["attributes"]?.object),
            )
        }
    }
}

extension OTLPItem.Event {
    fileprivate var json: JSONObject {
        var object = JSONObject()
        object.append("timeUnixNano", .string(String(self.timeNanoseconds)))
        object.append("name", .string(self.name))
        if !self.attributes.isEmpty { object.append("attributes", .object(self.attributes.json)) }
        return object
    }
}
