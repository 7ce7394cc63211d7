internal import JSONText

/// The scalars of a record under their paths, however the record spells its names.
///
/// Names are folded: lower case, only letters and digits. `created_at`, `createdAt` and `CreatedAt` are one name, and
/// `actor._tag` is `actor.tag`. Elements of a list share the list's path; the first one counts. Objects written into strings
/// are read too.
struct RecordFields {
    private struct Leaf {
        /// Folded names from the root, joined by dots.
        let path: String
        /// The folded last name.
        let name: String
        let depth: Int
        let text: String
    }

    /// A leaf under one of the usual names.
    private struct Match {
        let place: UsualNames.Place
        /// Of the leaf: shallow ones first, in the record's order among equals.
        let position: Int

        /// The more telling name first, then the shallower leaf.
        static func precedes(_ left: Match, _ right: Match) -> Bool {
            (left.place.rank, left.position) < (right.place.rank, right.position)
        }
    }

    private static let depthMax = 6
    private static let leafCountMax = 512
    private static let nameByteCountMax = 128

    private let record: JSONObject
    /// Shallow ones first; in the record's order among equals.
    private var leaves: [Leaf] = []
    /// Of the first leaf at each path.
    private var byPath: [Match] = []
    private var byName: [Match] = []

    init(_ record: JSONObject) {
        self.record = record
        self.collect(.object(record), path: "", name: "", depth: 0)
        let found = self.leaves
        let order = found.indices.sorted { (found[$0].depth, $0) < (found[$1].depth, $1) }
        self.leaves = order.map { found[$0] }
        for (position, leaf) in self.leaves.enumerated() {
            for place in UsualNames.byPath[leaf.path] ?? [] {
                let isKnown = self.byPath.contains { $0.place == place }
                if !isKnown { self.byPath.append(Match(place: place, position: position)) }
            }
            for place in UsualNames.byName[leaf.name] ?? [] {
                self.byName.append(Match(place: place, position: position))
            }
        }
    }

    /// The scalar at the most telling path that has one.
    func first(_ usual: UsualNames) -> String? {
        let match = self.byPath.lazy.filter { $0.place.usual == usual }.min(by: Match.precedes)
        return match.map { self.leaves[$0.position].text }
    }

    /// The scalars at all paths that have one, the most telling first.
    func all(_ usual: UsualNames) -> [String] {
        self.byPath.filter { $0.place.usual == usual }.sorted(by: Match.precedes).map { self.leaves[$0.position].text }
    }

    /// The shallowest leaf with the most telling last name.
    func firstNamed(_ usual: UsualNames) -> String? {
        let match = self.byName.lazy.filter { $0.place.usual == usual }.min(by: Match.precedes)
        return match.map { self.leaves[$0.position].text }
    }

    /// The leaves with any of the last names, shallow ones first.
    func allNamed(_ usual: UsualNames) -> [String] {
        self.byName.filter { $0.place.usual == usual }.map { self.leaves[$0.position].text }
    }

    /// The scalar at one folded path.
    func first(path: String) -> String? { self.leaves.first { $0.path == path }?.text }

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
                self.collect(member.value, path: path.isEmpty ? name : path + "." + name, name: name, depth: depth + 1)
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
        unsafe String(unsafeUninitializedCapacity: min(Self.nameByteCountMax, name.utf8.count)) { buffer in
            var count = 0
            for byte in name.utf8.prefix(Self.nameByteCountMax) {
                let folded = byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
                guard folded &- UInt8(ascii: "a") < 26 || folded &- UInt8(ascii: "0") < 10 else { continue }
                unsafe buffer[count] = folded
                count += 1
            }
            return count
        }
    }
}
