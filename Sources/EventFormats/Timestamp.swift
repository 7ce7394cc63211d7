/// Times as sources write them, in nanoseconds since the Unix epoch.
package enum Timestamp {
    /// Reads a date and time, or a number of seconds, milliseconds, microseconds or nanoseconds since the Unix epoch.
    ///
    /// Dates follow RFC 3339, also with a space for the T, without a zone (then UTC), with a zone without colon, and without
    /// a time. A number's unit follows from its size: seconds stay below 10^11 until the year 5138.
    ///
    /// - Returns: `nil` for anything else, and for times before 1970 or after 2553.
    package static func nanoseconds(_ text: String) -> UInt64? {
        let bytes = Array(text.utf8.prefix(Self.byteCountMax + 1))
        guard bytes.count <= Self.byteCountMax else { return nil }
        if bytes.count >= 10, bytes[4] == UInt8(ascii: "-") { return Self.calendar(bytes) }
        return Self.epoch(text)
    }

    /// Longer texts are not times.
    private static let byteCountMax = 40
    private static let nanosecondsPerSecond: UInt64 = 1_000_000_000

    /// RFC 3339 in UTC with `digits` digits of the second, 0 to 9.
    package static func text(_ nanoseconds: UInt64, digits: Int = 3) -> String {
        let seconds = nanoseconds / Self.nanosecondsPerSecond
        let date = Self.civil(days: Int(seconds / 86_400))
        let second = Int(seconds % 86_400)
        var text = "\(Self.padded(date.year, 4))-\(Self.padded(date.month, 2))-\(Self.padded(date.day, 2))T"
        text += "\(Self.padded(second / 3600, 2)):\(Self.padded(second / 60 % 60, 2)):\(Self.padded(second % 60, 2))"
        if digits > 0 {
            text += "." + Self.padded(Int(nanoseconds % Self.nanosecondsPerSecond), 9).prefix(digits)
        }
        return text + "Z"
    }

    /// Hour of the day in UTC, 0 to 23, and day of the week, 0 for Monday.
    package static func hourAndWeekday(_ nanoseconds: UInt64) -> (hour: Int, weekday: Int) {
        let hours = Int(nanoseconds / (3600 * Self.nanosecondsPerSecond))
        return (hours % 24, (hours / 24 + 3) % 7)  // 1 January 1970 was a Thursday.
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private static func epoch(_ text: String) -> UInt64? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, whole.utf8.allSatisfy({ (0x30...0x39).contains($0) }), whole.utf8.count <= 19,
            let number = UInt64(whole), number > 0
        else { return nil }
        let unit: UInt64 =
            switch number {
            case ..<100_000_000_000: 1_000_000_000
            case ..<100_000_000_000_000: 1_000_000
            case ..<100_000_000_000_000_000: 1_000
            default: 1
            }
        var fraction: UInt64 = 0
        if parts.count == 2 {
            guard let digits = Self.fraction(Array(parts[1].utf8)[...]) else { return nil }
            fraction = digits / (Self.nanosecondsPerSecond / unit)
        }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit)
        return overflow ? nil : product + fraction
    }

    /// Decimal digits after the point as billionths; digits after the ninth are cut off.
    private static func fraction(_ digits: ArraySlice<UInt8>) -> UInt64? {
        guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let nine = Array(digits.prefix(9)) + Array(repeating: UInt8(ascii: "0"), count: max(0, 9 - digits.count))
        return nine.reduce(0) { $0 * 10 + UInt64($1 - 0x30) }
    }

    private static func calendar(_ bytes: [UInt8]) -> UInt64? {
        guard bytes[7] == UInt8(ascii: "-"), let year = Self.number(bytes[0..<4]),
            let month = Self.number(bytes[5..<7]),
            let day = Self.number(bytes[8..<10]), (1970...2553).contains(year), (1...12).contains(month),
            (1...Self.dayCount(year: year, month: month)).contains(day)
        else { return nil }
        var seconds = Self.days(year: year, month: month, day: day) * 86_400
        var fraction: UInt64 = 0
        if bytes.count > 10 {
            guard bytes.count >= 19,
                bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: "t") || bytes[10] == 0x20,
                bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"), let hour = Self.number(bytes[11..<13]),
                let minute = Self.number(bytes[14..<16]), let second = Self.number(bytes[17..<19]), hour < 24,
                minute < 60,
                second <= 60
            else { return nil }
            seconds += hour * 3600 + minute * 60 + min(second, 59)  // A leap second counts as the second before it.
            var rest = bytes[19...]
            if rest.first == UInt8(ascii: ".") || rest.first == UInt8(ascii: ",") {
                let digits = rest.dropFirst().prefix { (0x30...0x39).contains($0) }
                guard let value = Self.fraction(digits) else { return nil }
                fraction = value
                rest = rest[digits.endIndex...]
            }
            guard let offset = Self.zone(rest) else { return nil }
            seconds -= offset
        }
        guard seconds >= 0 else { return nil }
        return UInt64(seconds) * Self.nanosecondsPerSecond + fraction
    }

    /// Seconds east of UTC.
    private static func zone(_ text: ArraySlice<UInt8>) -> Int? {
        let text = text.drop { $0 == 0x20 }
        guard let sign = text.first else { return 0 }
        if sign == UInt8(ascii: "Z") || sign == UInt8(ascii: "z") || Array(text) == Array("UTC".utf8) {
            return text.count == 1 || text.count == 3 ? 0 : nil
        }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return nil }
        let digits = text.dropFirst().filter { $0 != UInt8(ascii: ":") }
        guard digits.count == 2 || digits.count == 4, let hours = Self.number(digits[0..<2]),
            let minutes = digits.count == 4 ? Self.number(digits[2..<4]) : 0, hours < 24, minutes < 60
        else { return nil }
        return (hours * 3600 + minutes * 60) * (sign == UInt8(ascii: "-") ? -1 : 1)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    private static func dayCount(year: Int, month: Int) -> Int {
        let isLeap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
        return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    /// Days from 1 January 1970: years begin in March here, so that the leap day comes last.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        let shifted = month > 2 ? year : year - 1
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    }

    /// The inverse of ``days(year:month:day:)``.
    private static func civil(days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        return (era * 400 + yearOfEra + (month >= 10 ? 1 : 0), month < 10 ? month + 3 : month - 9, day)
    }
}
