package import Primitives

/// A JSON text as a tree in which objects keep their order and numbers their spelling.
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// Reads one whole text.
    ///
    /// - Parameters:
    ///   - bytes: the text, in UTF-8.
    ///   - options: what is accepted, and the bounds.
    ///   - what: what the text is, for the message of an error.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` with line, column and byte when it is not exactly one JSON value,
    ///   or crosses a bound of `options`.
    package init(
        parsing bytes: [UInt8],
        options: JSONOptions = .strict,
        what: String = "The text",
    ) throws(IndelibleError) {
        do throws(JSONError) { self = try JSONReader.read(bytes, options: options) } catch {
            throw error.indelible(what)
        }
    }

    /// The member of an object; `nil` for every other kind.
    package subscript(_ key: String) -> JSONValue? {
        guard case .object(let object) = self else { return nil }
        return object[key]
    }

    /// The element of an array; `nil` for every other kind and past the end.
    package subscript(_ index: Int) -> JSONValue? {
        guard case .array(let array) = self, array.indices.contains(index) else { return nil }
        return array[index]
    }

    package var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    package var number: JSONNumber? {
        guard case .number(let number) = self else { return nil }
        return number
    }

    package var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    package var array: [JSONValue]? {
        guard case .array(let array) = self else { return nil }
        return array
    }

    package var object: JSONObject? {
        guard case .object(let object) = self else { return nil }
        return object
    }

    package var isNull: Bool { self == .null }

    /// The text of a string, a number or a truth value, as written; `nil` for null and containers.
    package var scalarText: String? {
        switch self {
        case .string(let text): text
        case .number(let number): number.text
        case .bool(let value): value ? "true" : "false"
        case .null, .array, .object: nil
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int) { self = .number(JSONNumber(value)) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(nilLiteral: ()) { self = .null }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// - Precondition: no name occurs twice.
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        var object = JSONObject()
        for (key, value) in elements {
            precondition(object.append(key, value), "an object literal names \(key) twice")
        }
        self = .object(object)
    }
}
