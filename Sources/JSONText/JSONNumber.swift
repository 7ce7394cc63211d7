/// A number as it was written: nothing is rounded until someone asks for a type.
package struct JSONNumber: Sendable, Hashable {
    /// The exact characters (RFC 8259, section 6).
    package let text: String

    /// - Precondition: `text` follows the grammar; the reader has seen to it.
    init(checked text: String) { self.text = text }

    package init(_ value: some FixedWidthInteger) { self.text = String(value) }

    /// - Returns: `nil` for infinities and NaN, which JSON cannot write.
    package init?(_ value: Double) {
        guard value.isFinite else { return nil }
        self.text = value.description
    }

    /// - Returns: `nil` for infinities and NaN, which JSON cannot write.
    package init?(_ value: Float) {
        guard value.isFinite else { return nil }
        self.text = value.description
    }

    /// Exact, or `nil`: with a fraction, an exponent, or out of range.
    package var int: Int? { Int(self.text) }
    package var int64: Int64? { Int64(self.text) }
    package var uint64: UInt64? { UInt64(self.text) }

    /// The nearest value, ties to even; `nil` when it overflows to infinity.
    package var double: Double? {
        guard let value = Double(self.text), value.isFinite else { return nil }
        return value
    }

    /// The nearest value, rounded once from the decimal text (never by way of `Double`); `nil` when it overflows.
    package var float: Float? {
        guard let value = Float(self.text), value.isFinite else { return nil }
        return value
    }
}
