internal import JSONText

/// The scalars of a record under their paths, however the record spells its names.
///
/// Names are folded: lower case, only letters and digits. `created_at`, `createdAt` and `CreatedAt` are one name, and
/// `actor._tag` is `actor.tag`. Elements of a list share the list's path; the first one counts. Objects written into strings
/// are read too.
struct RecordFields {
    struct Leaf {
        /// Folded names from the root, joined by dots.
        let path: String
        /// The folded last name.
        let name: String
        let depth: Int
        let text: String
    }

    private static let depthMax = 6
    private static let leafCountMax = 512
    private static let nameByteCountMax = 128

    private let record: JSONObject
    /// Shallow ones first; in the record's order among equals.
    private(set) var leaves: [Leaf] = []
    private var positions: [String: Int] = [:]

    init(_ record: JSONObject) {
        self.record = record
        self.collect(.object(record), path: "", name: "", depth: 0)
        self.leaves = self.leaves.enumerated()
            .sorted { ($0.element.depth, $0.offset) < ($1.element.depth, $1.offset) }.map(\.element)
        for (position, leaf) in self.leaves.enumerated() where self.positions[leaf.path] == nil {
            self.positions[leaf.path] = position
        }
    }

    /// The scalar at the first of `paths` that has one; paths are folded.
    func first(_ paths: [String]) -> String? {
        for path in paths {
            if let position = self.positions[path] { return self.leaves[position].text }
        }
        return nil
    }

    /// The shallowest leaf with one of `names` as its last name; earlier names win.
    func firstNamed(_ names: [String]) -> Leaf? {
        for name in names {
            if let leaf = self.leaves.first(where: { $0.name == name }) { return leaf }
        }
        return nil
    }

    /// The scalar at an exact path, whose names may contain dots themselves; numbers index lists.
    func exact(_ path: String) -> String? {
        Self.value(.object(self.record), path.split(separator: ".", omittingEmptySubsequences: false)[...])?.scalarText
    }

    private static func value(_ value: JSONValue, _ path: ArraySlice<Substring>) -> JSONValue? {
        guard !path.isEmpty else { return value }
        for end in path.indices.reversed() {
            let name = path[...end].joined(separator: ".")
            let child = value[name] ?? Int(name).flatMap { value[$0] }
            if let child, let found = Self.value(child, path[(end + 1)...]) { return found }
        }
        return nil
    }

    private mutating func collect(_ value: JSONValue, path: String, name: String, depth: Int) {
        guard depth <= Self.depthMax, self.leaves.count < Self.leafCountMax else { return }
        switch value {
        case .object(let object):
            for member in object.members {
                let name = Self.folded(member.key)
                guard !name.isEmpty else { continue }
                self.collect(member.value, path: path.isEmpty ? name : "\(path).\(name)", name: name, depth: depth + 1)
            }
        case .array(let elements):
            if let first = elements.first { self.collect(first, path: path, name: name, depth: depth) }
        case .null: return
        case .string, .number, .bool:
            guard let text = value.scalarText, !text.isEmpty, text != "-" else { return }
            if let nested = Self.nested(text) {
                return self.collect(.object(nested), path: path, name: name, depth: depth)
            }
            self.leaves.append(Leaf(path: path, name: name, depth: depth, text: text))
        }
    }

    /// Some sources put JSON into their strings.
    private static func nested(_ text: String) -> JSONObject? {
        guard text.utf8.first == UInt8(ascii: "{"), text.utf8.last == UInt8(ascii: "}") else { return nil }
        do throws(JSONError) {
            return try JSONReader.read(Array(text.utf8), options: .records).object
        } catch {
            return nil
        }
    }

    private static func folded(_ name: String) -> String {
        let bytes = name.utf8.prefix(Self.nameByteCountMax).compactMap { byte -> UInt8? in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
            default: nil
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
