internal import JSONText

/// The wrappers in which sources deliver many records at once.
enum Envelope {
    /// Names of lists, in quotes as they stand in text.
    static let marks = ["\"Records\"", "\"records\"", "\"items\""].map { Array($0.utf8) }

    /// The ranges of the records in the next value: the elements of an envelope's list, or the value itself.
    static func ranges(of reader: inout JSONReader) throws(JSONError) -> [Range<Int>] {
        var partial: [Range<Int>] = []
        return try Self.ranges(of: &reader, partial: &partial)
    }

    /// - Parameter partial: holds, when an error is thrown, the elements before it.
    static func ranges(
        of reader: inout JSONReader,
        partial: inout [Range<Int>],
    ) throws(JSONError) -> [Range<Int>] {
        partial = []
        switch try reader.peek() {
        case .array:
            try Self.elements(of: &reader, into: &partial)
            return partial
        case .object: return try Self.members(of: &reader, into: &partial)
        default: return [try reader.skipValue()]
        }
    }

    private static func elements(
        of reader: inout JSONReader,
        into ranges: inout [Range<Int>],
    ) throws(JSONError) {
        try reader.readArray { reader throws(JSONError) in ranges.append(try reader.skipValue()) }
    }

    private static func members(
        of reader: inout JSONReader,
        into list: inout [Range<Int>],
    ) throws(JSONError) -> [Range<Int>] {
        let start = reader.position
        var isEnvelope = false
        var hasItems = false
        try reader.readObject { key, reader throws(JSONError) in
            switch (key, try reader.peek()) {
            case ("Records", .array), ("records", .array):
                isEnvelope = true
                try Self.elements(of: &reader, into: &list)
            case ("items", .array):
                hasItems = true
                try Self.elements(of: &reader, into: &list)
            case ("kind", .string):
                if try reader.readString().hasSuffix("List") { isEnvelope = true }
            default: try reader.skipValue()
            }
        }
        guard isEnvelope, hasItems || !list.isEmpty else { return [start..<reader.position] }
        return list
    }
}
