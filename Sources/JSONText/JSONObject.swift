/// The members of an object in the order in which they were written.
package struct JSONObject: Sendable, Hashable {
    package struct Member: Sendable, Hashable {
        package let key: String
        package var value: JSONValue
    }

    /// Objects up to this size are searched from the front; larger ones keep an index.
    private static let linearCountMax = 16

    package private(set) var members: [Member] = []
    /// Empty while ``members`` is short; the first position of each name otherwise.
    private var positions: [JSONKey: Int] = [:]

    package init() {}

    /// - Precondition: no name occurs twice.
    package init(_ members: KeyValuePairs<String, JSONValue>) {
        for (key, value) in members {
            precondition(self.append(key, value), "an object literal names \(key) twice")
        }
    }

    package var count: Int { self.members.count }
    package var isEmpty: Bool { self.members.isEmpty }

    /// The value of the first member with exactly these bytes as its name.
    package subscript(_ key: String) -> JSONValue? {
        self.position(of: key).map { self.members[$0].value }
    }

    /// Names that occur again after their first use, in order of appearance.
    package var duplicateKeys: [String] {
        var seen: Set<JSONKey> = []
        return self.members.compactMap { seen.insert(JSONKey($0.key)).inserted ? nil : $0.key }
    }

    /// Adds a member at the end.
    ///
    /// - Returns: false when the name was there before; the member is added all the same.
    @discardableResult
    package mutating func append(_ key: String, _ value: JSONValue) -> Bool {
        let isNew = self.position(of: key) == nil
        if self.members.count == Self.linearCountMax {
            for (position, member) in self.members.enumerated() where self.positions[JSONKey(member.key)] == nil {
                self.positions[JSONKey(member.key)] = position
            }
        }
        if self.members.count >= Self.linearCountMax, isNew {
            self.positions[JSONKey(key)] = self.members.count
        }
        self.members.append(Member(key: key, value: value))
        return isNew
    }

    private func position(of key: String) -> Int? {
        let key = JSONKey(key)
        guard self.members.count <= Self.linearCountMax else { return self.positions[key] }
        return self.members.firstIndex { JSONKey($0.key) == key }
    }

    package static func == (left: JSONObject, right: JSONObject) -> Bool { left.members == right.members }

    package func hash(into hasher: inout Hasher) { hasher.combine(self.members) }
}

/// A name compared byte by byte.
///
/// `String` compares canonically: it would take U+212A (KELVIN SIGN) for the letter K and let one record carry a name twice
/// in different clothes.
struct JSONKey: Sendable, Hashable {
    private let text: String

    init(_ text: String) { self.text = text }

    static func == (left: JSONKey, right: JSONKey) -> Bool {
        left.text.utf8.count == right.text.utf8.count && left.text.utf8.elementsEqual(right.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        for byte in self.text.utf8 { hasher.combine(byte) }
    }
}
