internal import JSONText
package import Primitives

/// Reads OTLP's JSON encoding: names in lowerCamelCase, ids in hexadecimal, 64-bit numbers as strings.
package enum OTLPJSON {
    /// The items of a request, in order; members that are not known are passed over.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when `body` is not JSON within `limits`.
    package static func items(
        _ signal: OTLPItem.Signal,
        _ body: [UInt8],
        _ limits: CollectionLimits = CollectionLimits(),
    ) throws(IndelibleError) -> [OTLPItem] {
        let request = try JSONValue(parsing: body, options: limits.bodyOptions, what: "The body")
        guard request.object != nil else {
            throw IndelibleError(.invalidArgument, "The body is not an OTLP request: it is no JSON object.")
        }
        let (groups, scopes, records) =
            signal == .log
            ? ("resourceLogs", "scopeLogs", "logRecords") : ("resourceSpans", "scopeSpans", "spans")
        var items: [OTLPItem] = []
        for group in request[groups]?.array ?? [] {
            let resource = Self.attributes(group["resource"]?["attributes"])
            for scope in group[scopes]?.array ?? [] {
                for record in scope[records]?.array ?? [] {
                    var item = signal == .log ? Self.log(record) : Self.span(record)
                    item.resource = resource
                    item.scopeName = scope["scope"]?["name"]?.string ?? ""
                    item.scopeVersion = scope["scope"]?["version"]?.string ?? ""
                    items.append(item)
                }
            }
        }
        return items
    }

    private static func log(_ record: JSONValue) -> OTLPItem {
        var item = OTLPItem(.log)
        item.timeNanoseconds = Self.number(record["timeUnixNano"])
        item.laterNanoseconds = Self.number(record["observedTimeUnixNano"])
        item.severity = UInt32(clamping: Self.number(record["severityNumber"]))
        item.severityText = record["severityText"]?.string ?? ""
        item.body = Self.value(record["body"])
        item.attributes = Self.attributes(record["attributes"])
        item.traceID = Self.bytes(record["traceId"])
        item.spanID = Self.bytes(record["spanId"])
        item.name = record["eventName"]?.string ?? ""
        return item
    }

    private static func span(_ record: JSONValue) -> OTLPItem {
        var item = OTLPItem(.span)
        item.timeNanoseconds = Self.number(record["startTimeUnixNano"])
        item.laterNanoseconds = Self.number(record["endTimeUnixNano"])
        item.attributes = Self.attributes(record["attributes"])
        item.traceID = Self.bytes(record["traceId"])
        item.spanID = Self.bytes(record["spanId"])
        item.parentID = Self.bytes(record["parentSpanId"])
        item.name = record["name"]?.string ?? ""
        item.kind = UInt32(clamping: Self.number(record["kind"]))
        item.statusCode = UInt32(clamping: Self.number(record["status"]?["code"]))
        item.statusMessage = record["status"]?["message"]?.string ?? ""
        item.events = (record["events"]?.array ?? []).map { event in
            OTLPItem.Event(
                timeNanoseconds: Self.number(event["timeUnixNano"]),
                name: event["name"]?.string ?? "",
                attributes: Self.attributes(event["attributes"]),
            )
        }
        return item
    }

    private static func attributes(_ list: JSONValue?) -> [OTLPAttribute] {
        (list?.array ?? []).compactMap { entry in
            entry["key"]?.string.map { OTLPAttribute(key: $0, value: Self.value(entry["value"])) }
        }
    }

    /// Recurses as deep as the text is nested, which was bounded.
    private static func value(_ value: JSONValue?) -> OTLPValue {
        guard let member = value?.object?.members.first else { return .null }
        switch member.key {
        case "stringValue": return .string(member.value.string ?? "")
        case "boolValue": return .bool(member.value.bool ?? false)
        case "intValue": return .int(member.value.scalarText.flatMap { Int64($0) } ?? 0)
        case "doubleValue": return .double(member.value.scalarText.flatMap { Double($0) } ?? 0)
        case "arrayValue": return .array((member.value["values"]?.array ?? []).map { Self.value($0) })
        case "kvlistValue": return .list(Self.attributes(member.value["values"]))
        case "bytesValue": return .string(member.value.string ?? "")
        default: return .null
        }
    }

    private static func number(_ value: JSONValue?) -> UInt64 { value?.scalarText.flatMap { UInt64($0) } ?? 0 }

    private static func bytes(_ value: JSONValue?) -> [UInt8] { value?.string.flatMap { Hex.decode($0) } ?? [] }
}
