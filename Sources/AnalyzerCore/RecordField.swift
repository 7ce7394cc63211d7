/// What most sources' records say under one of a few names, wherever in the record it stands.
enum RecordField: String, CaseIterable, Sendable {
    /// A country or region.
    case place
    /// A network, such as an autonomous system's number.
    case network
    /// Bytes moved.
    case amount

    /// As the names stand in a JSON text, lower case; of those that occur the first one listed counts.
    var keys: [String] {
        switch self {
        case .place:
            ["\"country\":", "\"countrycode\":", "\"country_code\":", "\"countryorregion\":", "\"awsregion\":"]
        case .network: ["\"asn\":", "\"asnumber\":", "\"as_number\":"]
        case .amount: ["\"bytes\":", "\"bytestransferredout\":", "\"bytessent\":", "\"bytes_sent\":"]
        }
    }

    /// One line for each field, for the schema's hash.
    static var canonicalLines: [String] {
        Self.allCases.map { "field \($0.rawValue): \($0.keys.joined(separator: "|"))" }
    }
}

/// The values of an event's ``RecordField``s.
package struct RecordValues: Equatable, Sendable {
    /// Hashes; 0 when the record names none.
    package var place: UInt64 = 0
    package var network: UInt64 = 0
    package var amount: UInt64 = 0

    /// A longer value is cut.
    private static let byteCountMax = 48
    private static let amountMax: UInt64 = 1 << 48

    package init(place: UInt64 = 0, network: UInt64 = 0, amount: UInt64 = 0) {
        self.place = place
        self.network = network
        self.amount = amount
    }

    /// - Parameter ends: for each key of each field, in order, where it first ends in `record`; -1 for nowhere.
    init(_ record: Span<UInt8>, ends: [Int]) {
        var position = 0
        for field in RecordField.allCases {
            let keys = position..<position + field.keys.count
            position = keys.upperBound
            guard let end = keys.lazy.map({ ends[$0] }).first(where: { $0 >= 0 }) else { continue }
            let value = Self.value(record, from: end)
            switch field {
            case .place: self.place = Self.hash(record, value)
            case .network: self.network = Self.hash(record, value)
            case .amount: self.amount = Self.number(record, value)
            }
        }
    }

    private static func value(_ record: Span<UInt8>, from end: Int) -> Range<Int> {
        var start = end
        while start < record.count, record[start] == 0x20 || record[start] == UInt8(ascii: "\"") { start += 1 }
        var end = start
        while end < record.count, end - start < Self.byteCountMax, !Self.endsValue(record[end]) { end += 1 }
        return start..<end
    }

    private static func endsValue(_ byte: UInt8) -> Bool {
        byte <= 0x20 || [UInt8(ascii: "\""), UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]")].contains(byte)
    }

    private static func hash(_ record: Span<UInt8>, _ value: Range<Int>) -> UInt64 {
        var hash = FNV()
        for position in value { hash.update(ASCII.folded(record[position])) }
        let isNull = value.count == 4 && record[value.lowerBound] == UInt8(ascii: "n")
        return value.isEmpty || isNull ? 0 : hash.value
    }

    private static func number(_ record: Span<UInt8>, _ value: Range<Int>) -> UInt64 {
        var number: UInt64 = 0
        for position in value {
            guard ASCII.isDigit(record[position]), number < Self.amountMax else { break }
            number = number * 10 + UInt64(record[position] & 0x0f)
        }
        return number
    }
}
