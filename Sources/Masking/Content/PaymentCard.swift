/// Payment card numbers: issuer ranges and lengths (ISO/IEC 7812-1 and the networks' own tables), and the Luhn digit.
enum PaymentCard {
    static func matches(_ number: DigitGroups, _ hints: Hints) -> Bool {
        let digits = number.digits
        guard !number.hasPlus, !number.hasParentheses, (12...19).contains(digits.count),
            number.groups.count == 1 || Self.isGrouped(number), CheckDigits.luhn(digits)
        else { return false }
        // Twelve digits are an account more often than an old Maestro card, thirteen a bar code more often than an old Visa.
        if digits.count < 14 { return hints.contains(.card) }
        return Self.isIssued(digits)
    }

    private static func isGrouped(_ number: DigitGroups) -> Bool {
        let shape = number.shape
        return number.isSeparated(by: " -") && shape[0] == 4
            && (shape.dropLast().allSatisfy { $0 == 4 } || shape == [4, 6, 5] || shape == [4, 6, 4])
    }

    private static func isIssued(_ digits: [UInt8]) -> Bool {
        let four = CheckDigits.number(digits.prefix(4))
        let count = digits.count
        return switch four {
        case 4000...4999: [16, 19].contains(count)  // Visa
        case 5100...5599, 2221...2720: count == 16  // Mastercard
        case 3400...3499, 3700...3799: count == 15  // American Express
        case 6011, 6440...6599: (16...19).contains(count)  // Discover
        case 3500...3599: (16...19).contains(count)  // JCB
        case 2131, 1800: count == 15  // JCB, old
        case 3000...3059, 3095, 3600...3699, 3800...3999: (14...19).contains(count)  // Diners Club
        case 6200...6299, 8100...8171: (16...19).contains(count)  // UnionPay
        case 5018, 5020, 5038, 5893, 6304, 6759, 6761, 6762, 6763: (14...19).contains(count)  // Maestro
        case 2200...2204: (16...19).contains(count)  // Mir
        default: false
        }
    }
}
