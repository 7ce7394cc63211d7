internal import JSONText

/// The few members of a record that tell it from others.
package enum RecordNames {
    /// The text of members at the top of a record, without reading the rest of it.
    ///
    /// - Parameters:
    ///   - names: of the members.
    ///   - record: JSON, or what was meant to be.
    /// - Returns: for each name its first text; `nil` where there is none, or a fault stands before it.
    package static func read(_ names: [String], of record: [UInt8]) -> [String?] {
        var found = [String?](repeating: nil, count: names.count)
        var reader = JSONReader(record, options: JSONOptions(valueCountMax: .max, loneSurrogates: .replace))
        // A record with a fault is refused by whoever reads it in earnest.
        try? reader.readObject { key, reader throws(JSONError) in
            guard let position = names.firstIndex(of: key), found[position] == nil, try reader.peek() == .string else {
                try reader.skipValue()
                return
            }
            found[position] = try reader.readString()
        }
        return found
    }
}
