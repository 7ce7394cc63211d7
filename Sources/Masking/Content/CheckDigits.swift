/// The check digits that numbers carry; each takes digits as values 0 to 9.
enum CheckDigits {
    /// ISO/IEC 7812-1, annex B.
    static func luhn(_ digits: [UInt8]) -> Bool {
        var sum = 0
        for (position, digit) in digits.reversed().enumerated() {
            let value = Int(digit) << (position & 1)
            sum += value > 9 ? value - 9 : value
        }
        return sum.isMultiple(of: 10)
    }

    /// The sum of digits times weights.
    static func weighted(_ digits: some Sequence<UInt8>, _ weights: [Int]) -> Int {
        zip(digits, weights).reduce(0) { $0 + Int($1.0) * $1.1 }
    }

    /// ISO/IEC 7064, MOD 11,10.
    static func mod11And10(_ digits: [UInt8]) -> Bool {
        var product = 10
        for digit in digits.dropLast() {
            let sum = (Int(digit) + product) % 10
            product = (sum == 0 ? 10 : sum) * 2 % 11
        }
        return digits.last.map { (11 - product) % 10 == Int($0) } ?? false
    }

    static func number(_ digits: some Sequence<UInt8>) -> Int { digits.reduce(0) { $0 * 10 + Int($1) } }

    /// Whether `day` of `month` can exist.
    static func isDate(day: Int, month: Int) -> Bool {
        (1...12).contains(month) && (1...31).contains(day) && !(month == 2 && day > 29)
            && !([4, 6, 9, 11].contains(month) && day > 30)
    }
}
