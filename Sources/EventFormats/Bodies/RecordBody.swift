internal import JSONText
package import Primitives

/// How the records of a request's body are cut apart.
package enum RecordBody: Sendable, Equatable {
    /// One JSON value: a record, an array of records, or an envelope such as `{"Records":[…]}` or a Kubernetes `…List`.
    case json
    /// A JSON value on each line; empty lines are passed over.
    case lines
    /// JSON values one after the other, with white space or nothing between them.
    case sequence

    /// A record's place in the body, or why it is none.
    package enum Part: Sendable, Equatable {
        case record(Range<Int>)
        /// - Parameter reason: a sentence without its full stop.
        case refused(Range<Int>, reason: String)

        package var range: Range<Int> {
            switch self {
            case .record(let range), .refused(let range, _): range
            }
        }
    }

    /// Finds the records.
    ///
    /// A line that is too long costs one record. Where the text itself is broken no record can be told from the next, so
    /// that the whole body is refused and nothing of it is taken.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when `body` is not UTF-8 JSON of this kind or holds no record,
    ///   ``IndelibleError/Code/outOfRange`` when it holds more records than `limits` allow.
    package func split(
        _ body: [UInt8],
        _ limits: CollectionLimits = CollectionLimits(),
    ) throws(IndelibleError) -> [Part] {
        let ranges: [Range<Int>]
        switch self {
        case .lines: ranges = Self.lines(of: body)
        case .json, .sequence:
            do throws(JSONError) { ranges = try self.values(of: body, limits) } catch {
                throw error.indelible("The body")
            }
        }
        guard !ranges.isEmpty else {
            throw IndelibleError(.invalidArgument, "The body holds no record. Send at least one.")
        }
        guard ranges.count <= limits.recordCountMax else {
            throw IndelibleError(
                .outOfRange,
                "The body holds \(ranges.count) records; a request may have \(limits.recordCountMax). Send several.",
            )
        }
        return ranges.map { range in
            guard range.count > limits.recordByteCountMax else { return .record(range) }
            return .refused(
                range,
                reason: "it has \(range.count) bytes; a record may have \(limits.recordByteCountMax)",
            )
        }
    }

    private func values(of body: [UInt8], _ limits: CollectionLimits) throws(JSONError) -> [Range<Int>] {
        var reader = JSONReader(body, options: limits.bodyOptions)
        try reader.checkStart()
        guard self == .sequence else {
            let ranges = try Envelope.ranges(of: &reader)
            try reader.finish()
            return ranges
        }
        var ranges: [Range<Int>] = []
        while !reader.isAtEnd { ranges.append(try reader.skipValue()) }
        return ranges
    }

    /// The lines that are not empty, without their ends.
    private static func lines(of body: [UInt8]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var start = 0
        while start < body.count {
            let end = body[start...].firstIndex(of: UInt8(ascii: "\n")) ?? body.count
            let last = end > start && body[end - 1] == UInt8(ascii: "\r") ? end - 1 : end
            if body[start..<last].contains(where: { $0 != 0x20 && $0 != 0x09 }) { ranges.append(start..<last) }
            start = end + 1
        }
        return ranges
    }
}
