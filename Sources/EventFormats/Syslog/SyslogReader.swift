/// Goes through a syslog message from left to right; each byte is looked at a bounded number of times.
struct SyslogReader {
    private let bytes: [UInt8]
    var position = 0

    /// Elements of structured data, and parameters of each.
    private static let elementCountMax = 32
    /// RFC 5424, section 6: the longest field is APP-NAME with 48; hosts have 255.
    private static let fieldByteCountMax = 255
    /// RFC 3164 has 32; containers write longer ones.
    private static let tagByteCountMax = 128

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { self.position == self.bytes.count }

    private var byte: UInt8? { self.position < self.bytes.count ? self.bytes[self.position] : nil }

    mutating func skip(_ text: String) -> Bool {
        guard self.bytes[self.position...].starts(with: text.utf8) else { return false }
        self.position += text.utf8.count
        return true
    }

    /// The number in `<34>`.
    mutating func priority(max: Int) -> Int? {
        guard self.byte == UInt8(ascii: "<") else { return nil }
        let digits = self.bytes.dropFirst().prefix(3).prefix { 0x30...0x39 ~= $0 }
        let number = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        let end = digits.endIndex
        guard !digits.isEmpty, number <= max, end < self.bytes.count, self.bytes[end] == UInt8(ascii: ">") else {
            return nil
        }
        self.position = end + 1
        return number
    }

    /// Up to the next space, which is passed over; empty for the nil value `-`.
    mutating func field() -> String? {
        let rest = self.bytes[self.position...].prefix(Self.fieldByteCountMax + 1)
        let field = rest.prefix { $0 > 0x20 }
        guard !field.isEmpty, field.count <= Self.fieldByteCountMax else { return nil }
        guard field.endIndex == self.bytes.count || self.bytes[field.endIndex] == 0x20 else { return nil }
        self.position = min(field.endIndex + 1, self.bytes.count)
        return field.elementsEqual("-".utf8) ? "" : String(decoding: field, as: UTF8.self)
    }

    /// What is left, without white space at its end.
    mutating func rest() -> String {
        let rest = self.bytes[self.position...]
        self.position = self.bytes.count
        let end = rest.lastIndex { $0 > 0x20 } ?? rest.startIndex - 1
        return String(decoding: rest[rest.startIndex..<end + 1], as: UTF8.self)
    }

    // MARK: - RFC 5424, section 6.3

    mutating func elements() -> [SyslogMessage.Element]? {
        if self.byte == UInt8(ascii: "-") {
            self.position += 1
            return []
        }
        var elements: [SyslogMessage.Element] = []
        while self.byte == UInt8(ascii: "[") {
            self.position += 1
            guard let id = self.name(), elements.count < Self.elementCountMax else { return nil }
            var element = SyslogMessage.Element(id: id, parameters: [])
            while self.byte == 0x20 {
                self.position += 1
                guard let name = self.name(), self.skip("=\""), let value = self.quoted(),
                    element.parameters.count < Self.elementCountMax
                else { return nil }
                element.parameters.append((name, value))
            }
            guard self.byte == UInt8(ascii: "]") else { return nil }
            self.position += 1
            elements.append(element)
        }
        return elements.isEmpty ? nil : elements
    }

    private mutating func name() -> String? {
        let rest = self.bytes[self.position...].prefix(Self.fieldByteCountMax)
        let name = rest.prefix { $0 > 0x20 && $0 < 0x7f && $0 != 0x3d && $0 != 0x5d && $0 != 0x22 }
        guard !name.isEmpty else { return nil }
        self.position = name.endIndex
        return String(decoding: name, as: UTF8.self)
    }

    /// Up to the closing quote, which is passed over; `\"`, `\\` and `\]` stand for the second character.
    private mutating func quoted() -> String? {
        var value: [UInt8] = []
        while let byte = self.byte {
            self.position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: value, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let next = self.byte else { return nil }
                if next == UInt8(ascii: "\"") || next == UInt8(ascii: "\\") || next == UInt8(ascii: "]") {
                    value.append(next)
                    self.position += 1
                } else {
                    value.append(byte)
                }
            default: value.append(byte)
            }
        }
        return nil
    }

    // MARK: - RFC 3164, section 4.1

    private static let months = "JanFebMarAprMayJunJulAugSepOctNovDec"
    private static let dayNanoseconds: UInt64 = 86_400_000_000_000

    /// `Jan  2 15:04:05 `, also with a year before the time or after the day.
    mutating func oldTime(_ receivedNanoseconds: UInt64) -> UInt64? {
        let text = self.bytes[self.position...].prefix(21).map { $0 }
        guard text.count >= 15, text[3] == 0x20, text[6] == 0x20 else { return nil }
        let months = Array(Self.months.utf8)
        let names = stride(from: 0, to: months.count, by: 3)
        guard let month = Array(names).firstIndex(where: { months[$0..<$0 + 3].elementsEqual(text[0..<3]) }) else {
            return nil
        }
        let day = String(decoding: text[4..<6].map { $0 == 0x20 ? 0x30 : $0 }, as: UTF8.self)
        let monthText = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        var clockStart = 7
        var stated: Int?
        if text.count >= 20, text[11] == 0x20, let year = Int(String(decoding: text[7..<11], as: UTF8.self)) {
            stated = year
            clockStart = 12
        }
        guard text.count >= clockStart + 8 else { return nil }
        let clock = String(decoding: text[clockStart..<clockStart + 8], as: UTF8.self)
        func time(_ year: Int) -> UInt64? { Timestamp.nanoseconds("\(year)-\(monthText)-\(day)T\(clock)Z") }
        let thisYear = Int(Timestamp.text(receivedNanoseconds, digits: 0).prefix(4)) ?? 1970
        var found = time(stated ?? thisYear)
        // A message of December that is received in January is last year's.
        if stated == nil, found.map({ $0 > receivedNanoseconds + Self.dayNanoseconds }) ?? true {
            found = time(thisYear - 1) ?? found
        }
        guard let found else { return nil }
        self.position += clockStart + 8
        if self.byte == 0x20 { self.position += 1 }
        return found
    }

    /// The name and number in `sshd[812]: ` or `sudo: `.
    mutating func tag() -> (name: String, processID: String)? {
        let start = self.position
        let rest = self.bytes[start...].prefix(Self.tagByteCountMax)
        let name = rest.prefix { $0 > 0x20 && $0 != 0x5b && $0 != 0x3a }
        guard !name.isEmpty else { return nil }
        self.position = name.endIndex
        var processID = ""
        if self.byte == UInt8(ascii: "[") {
            let digits = self.bytes[(self.position + 1)...].prefix(16).prefix { $0 > 0x20 && $0 != 0x5d }
            guard digits.endIndex < self.bytes.count, self.bytes[digits.endIndex] == UInt8(ascii: "]") else {
                self.position = start
                return nil
            }
            processID = String(decoding: digits, as: UTF8.self)
            self.position = digits.endIndex + 1
        }
        guard self.skip(":") else {
            self.position = start
            return nil
        }
        if self.byte == 0x20 { self.position += 1 }
        return (String(decoding: name, as: UTF8.self), processID)
    }
}
