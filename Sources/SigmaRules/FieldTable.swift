internal import JSONText

/// The fields that rules of one source look at, and where records have them.
///
/// A record is read once, and only what stands on the way to such a field is looked at. Lists are transparent: a path goes
/// into each element.
struct FieldTable: Sendable {
    private struct Node: Sendable {
        var children: [String: Int] = [:]
        /// Fields that are found here.
        var fields: [Int] = []
    }

    private var nodes = [Node()]
    private(set) var names: [String] = []
    private var positions: [String: Int] = [:]
    /// Where a source keeps fields beside the record's top.
    private let roots: [String]

    /// - Parameter roots: paths, each with a dot at its end, or empty.
    init(roots: [String]) { self.roots = [""] + roots }

    var count: Int { self.names.count }

    /// The position of a field, by its dotted name.
    mutating func position(of name: String) -> Int {
        if let known = self.positions[name] { return known }
        let field = self.names.count
        self.names.append(name)
        self.positions[name] = field
        for root in self.roots {
            self.add(field, (root + name).split(separator: ".", omittingEmptySubsequences: false).map(String.init))
            // Some sources write dots into names.
            if name.contains(".") {
                self.add(field, root.split(separator: ".").map(String.init) + [name])
            }
        }
        return field
    }

    private mutating func add(_ field: Int, _ path: [String]) {
        var node = 0
        for name in path {
            if let child = self.nodes[node].children[name] {
                node = child
            } else {
                self.nodes.append(Node())
                self.nodes[node].children[name] = self.nodes.count - 1
                node = self.nodes.count - 1
            }
        }
        self.nodes[node].fields.append(field)
    }

    /// What a record says in the fields; nothing when it is no JSON object.
    func values(in record: [UInt8]) -> FieldValues {
        var values = FieldValues(count: self.names.count, record: record)
        guard !self.names.isEmpty else { return values }
        var reader = JSONReader(record, options: .records)
        // What was found before a record turned out to be damaged counts.
        do throws(JSONError) {
            try reader.checkStart()
            try self.read(0, &reader, &values)
        } catch { values.isWhole = false }
        return values
    }

    private func read(_ node: Int, _ reader: inout JSONReader, _ values: inout FieldValues) throws(JSONError) {
        let fields = self.nodes[node].fields
        switch try reader.peek() {
        case .object:
            let start = reader.position
            if self.nodes[node].children.isEmpty {
                try reader.skipValue()
            } else {
                try reader.readObject { key, reader throws(JSONError) in
                    guard let child = self.nodes[node].children[key] else { return _ = try reader.skipValue() }
                    try self.read(child, &reader, &values)
                }
            }
            guard !fields.isEmpty else { return }
            values.add(Array(reader.bytes[start..<reader.position]), to: fields)
        case .array:
            values.mark(fields)
            try reader.readArray { reader throws(JSONError) in try self.read(node, &reader, &values) }
        case .null:
            try reader.readNull()
            values.mark(fields)
        case .string:
            guard !fields.isEmpty else { return _ = try reader.skipValue() }
            values.add(Array(try reader.readString().utf8), to: fields)
        case .number:
            guard !fields.isEmpty else { return _ = try reader.skipValue() }
            values.add(Array(try reader.readNumber().text.utf8), to: fields)
        case .bool:
            let value = try reader.readBool()
            values.add(Array((value ? "true" : "false").utf8), to: fields)
        }
    }
}

/// What one record says in the fields of a ``FieldTable``.
struct FieldValues: Sendable {
    struct Value: Sendable {
        let text: [UInt8]
        let folded: [UInt8]
    }

    /// By field: an object counts as its JSON text, each element of a list as a value.
    private(set) var values: [[Value]]
    private var isPresent: [Bool]
    /// False when the record ends before its JSON does, or is none.
    var isWhole = true
    /// The whole record, in lower case, once somebody asked for it.
    private(set) lazy var folded: [UInt8] = Letters.folded(self.record)
    let record: [UInt8]

    init(count: Int, record: [UInt8]) {
        self.values = Array(repeating: [], count: count)
        self.isPresent = Array(repeating: false, count: count)
        self.record = record
    }

    /// Whether the record names the field, if only to say null.
    func exists(_ field: Int) -> Bool { self.isPresent[field] }

    mutating func mark(_ fields: [Int]) { for field in fields { self.isPresent[field] = true } }

    mutating func add(_ text: [UInt8], to fields: [Int]) {
        guard !fields.isEmpty else { return }
        let value = Value(text: text, folded: Letters.folded(text))
        for field in fields {
            self.isPresent[field] = true
            self.values[field].append(value)
        }
    }
}
