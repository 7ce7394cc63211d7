internal import Primitives

/// `key=value` lines of a LightGBM text model, section by section: the header, then one per tree.
struct LightGBMLines: ~Copyable {
    /// What stands between two openings of trees.
    struct Section {
        fileprivate var values: [String: (text: String, line: Int)] = [:]

        subscript(_ key: String) -> String? { self.values[key]?.text }

        /// Where the value of `key` stands, for messages.
        fileprivate func place(_ key: String) -> String {
            self.values[key].map { "line \($0.line), \"\(key)\"" } ?? "\"\(key)\""
        }
    }

    private let bytes: [UInt8]
    private var offset = 0
    /// Lines read so far.
    private(set) var lineCount = 0
    /// The line that opens the next section has been read with the section before it.
    private var opening: (key: String, value: (text: String, line: Int))?

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The lines up to the next tree or to the end of the trees.
    ///
    /// A line without `=` is a flag: its value is empty.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when the file ends before `end of trees`, or names a key twice.
    mutating func section() throws(IndelibleError) -> (lines: Section, isTreeNext: Bool) {
        var lines = Section()
        if let (key, value) = self.opening.take() { lines.values[key] = value }
        while let line = self.line() {
            guard line != "end of trees" else { return (lines, false) }
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let key = parts.first.map(String.init), !key.isEmpty else { continue }
            let value = (text: parts.count > 1 ? String(parts[1]) : "", line: self.lineCount)
            if key == "Tree" {
                self.opening = (key, value)
                return (lines, true)
            }
            guard lines.values.updateValue(value, forKey: key) == nil else {
                throw .model("line \(self.lineCount): \"\(key)\" appears twice in one section")
            }
        }
        throw .model("line \(self.lineCount): it ends before \"end of trees\"")
    }

    /// The next line without its end; `nil` after the last.
    private mutating func line() -> String? {
        guard self.offset < self.bytes.count else { return nil }
        let rest = self.bytes[self.offset...]
        let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
        self.offset = end + 1
        self.lineCount += 1
        var line = self.bytes[rest.startIndex..<end]
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        return String(decoding: line, as: UTF8.self)
    }
}

extension LightGBMLines.Section {
    /// The count named `key`.
    func count(_ key: String) throws(IndelibleError) -> Int {
        guard let value = self[key].flatMap({ Int($0) }), (0...Int(Int32.max)).contains(value) else {
            throw .model("\(self.place(key)) is missing or not a count")
        }
        return value
    }

    /// The space-separated numbers named `key`, exactly `count` of them; none when it is absent or empty.
    func numbers<Number: LosslessStringConvertible>(
        _ key: String,
        count: Int,
        as type: Number.Type = Number.self,
    ) throws(IndelibleError) -> [Number] {
        var numbers: [Number] = []
        for (position, word) in (self[key] ?? "").split(separator: " ").enumerated() {
            guard let number = Number(String(word)) else {
                throw .model("\(self.place(key)): number \(position + 1) is \"\(word.prefix(40))\", which is none")
            }
            numbers.append(number)
        }
        guard numbers.count == count else {
            throw .model("\(self.place(key)) has \(numbers.count) numbers where \(count) belong")
        }
        return numbers
    }
}
