/// What must be true of a record, with fields as positions of a ``FieldTable``.
indirect enum Expression: Sendable {
    case all([Expression])
    case any([Expression])
    case not(Expression)
    case atLeast(Int, [Expression])
    case field(FieldTest)
    /// Anywhere in the record.
    case keyword(TextPattern)

    func holds(_ values: inout FieldValues) -> Bool {
        switch self {
        case .all(let parts):
            for part in parts where !part.holds(&values) { return false }
            return true
        case .any(let parts):
            for part in parts where part.holds(&values) { return true }
            return false
        case .not(let part): return !part.holds(&values)
        case .atLeast(let count, let parts):
            var left = count
            for part in parts where left > 0 && part.holds(&values) { left -= 1 }
            return left == 0
        case .field(let test): return test.holds(values)
        case .keyword(let pattern): return pattern.matches(pattern.isCased ? values.record : values.folded)
        }
    }

    /// Texts of which one must be the value of its field for the expression to hold; `nil` when there is no such list.
    ///
    /// Rules are found by them, so that an event costs nothing for the rules of other events.
    var cover: [(field: Int, text: [UInt8])]? {
        switch self {
        case .all(let parts):
            return parts.compactMap(\.cover).min { $0.count < $1.count }
        case .any(let parts):
            let covers = parts.map(\.cover)
            guard !parts.isEmpty, !covers.contains(where: { $0 == nil }) else { return nil }
            return covers.flatMap { $0 ?? [] }
        case .atLeast(let count, let parts): return count > 0 ? Expression.any(parts).cover : nil
        case .field(let test):
            guard test.others.isEmpty else { return nil }
            return test.exact.sorted { $0.lexicographicallyPrecedes($1) }.map { (test.field, $0) }
        case .not, .keyword: return nil
        }
    }
}

/// What the values of one field are compared with.
struct FieldTest: Sendable {
    enum Matcher: Sendable {
        case text(TextPattern)
        case regex(LinearRegex)
        case network(AddressRange)
        case number(Comparison, Double)
        /// The same as in another field.
        case field(Int, isCased: Bool)
        case null
        case exists(Bool)
    }

    enum Comparison: String, Sendable {
        case gt, gte, lt, lte

        func holds(_ left: Double, _ right: Double) -> Bool {
            switch self {
            case .gt: left > right
            case .gte: left >= right
            case .lt: left < right
            case .lte: left <= right
            }
        }
    }

    let field: Int
    /// Whole texts in lower case.
    private(set) var exact: Set<[UInt8]> = []
    private(set) var others: [Matcher] = []

    /// - Parameter matchers: one of them must match one of the field's values.
    init(field: Int, _ matchers: [Matcher]) {
        self.field = field
        for matcher in matchers {
            if case .text(let pattern) = matcher, !pattern.isCased, let text = pattern.exact {
                self.exact.insert(text)
            } else {
                self.others.append(matcher)
            }
        }
    }

    func holds(_ values: FieldValues) -> Bool {
        if !self.exact.isEmpty {
            for value in values.values[self.field] where self.exact.contains(value.folded) { return true }
        }
        return self.others.contains { self.matches($0, values) }
    }

    private func matches(_ matcher: Matcher, _ values: FieldValues) -> Bool {
        let found = values.values[self.field]
        switch matcher {
        case .text(let pattern): return found.contains { pattern.matches(pattern.isCased ? $0.text : $0.folded) }
        case .regex(let regex): return found.contains { regex.matches($0.text) }
        case .network(let range): return found.contains { range.contains($0.text) }
        case .number(let comparison, let number):
            return found.contains { value in
                guard let left = Double(String(decoding: value.text, as: UTF8.self)) else { return false }
                return comparison.holds(left, number)
            }
        case .field(let other, let isCased):
            return found.contains { left in
                values.values[other].contains { isCased ? $0.text == left.text : $0.folded == left.folded }
            }
        case .null: return found.isEmpty
        case .exists(let expected): return values.exists(self.field) == expected
        }
    }
}
