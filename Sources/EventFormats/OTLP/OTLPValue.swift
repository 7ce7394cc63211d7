internal import JSONText
internal import Primitives

/// A value of an OpenTelemetry attribute or body.
package indirect enum OTLPValue: Sendable, Equatable {
    case null
    case string(String)
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case array([OTLPValue])
    case list([OTLPAttribute])
    case bytes([UInt8])

    /// The text of a scalar; `nil` for the others and for empty text.
    var text: String? {
        switch self {
        case .string(let text): text.isEmpty ? nil : text
        case .bool(let value): value ? "true" : "false"
        case .int(let value): String(value)
        case .double(let value): value.description
        case .null, .array, .list, .bytes: nil
        }
    }

    /// The same value as JSON; bytes become hexadecimal.
    var json: JSONValue {
        switch self {
        case .null: .null
        case .string(let text): .string(text)
        case .bool(let value): .bool(value)
        case .int(let value): .number(JSONNumber(value))
        case .double(let value): JSONNumber(value).map(JSONValue.number) ?? .string(value.description)
        case .array(let values): .array(values.map(\.json))
        case .list(let attributes): .object(attributes.json)
        case .bytes(let bytes): .string(Hex.encode(bytes))
        }
    }
}

extension OTLPValue {
    /// The value that ``json`` writes so; bytes stay hexadecimal.
    init(_ json: JSONValue) {
        self =
            switch json {
            case .null: .null
            case .bool(let value): .bool(value)
            case .number(let number): number.int64.map(OTLPValue.int) ?? number.double.map(OTLPValue.double) ?? .null
            case .string(let text): .string(text)
            case .array(let values): .array(values.map { OTLPValue($0) })
            case .object(let object): .list(.init(object))
            }
    }
}

/// A name and a value.
package struct OTLPAttribute: Sendable, Equatable {
    package let key: String
    package let value: OTLPValue

    package init(key: String, value: OTLPValue) {
        self.key = key
        self.value = value
    }
}

extension [OTLPAttribute] {
    /// The members of an object.
    init(_ object: JSONObject?) {
        self = (object?.members ?? []).map { OTLPAttribute(key: $0.key, value: OTLPValue($0.value)) }
    }

    /// The first value under this name.
    func value(_ key: String) -> OTLPValue? { self.first { $0.key == key }?.value }

    /// The text of the first of `keys` that has one.
    func text(_ keys: [String]) -> String? {
        for key in keys {
            if let text = self.value(key)?.text { return text }
        }
        return nil
    }

    /// An object of the first value under each name.
    var json: JSONObject {
        var object = JSONObject()
        for attribute in self where object[attribute.key] == nil { object.append(attribute.key, attribute.value.json) }
        return object
    }
}
