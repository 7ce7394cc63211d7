/// The name of the field that holds a text; what it says is asked only when a number or a random text needs it.
enum FieldName {
    case none
    /// Where it stands in the same bytes as the text.
    case inText(Range<Int>)
    case known(Hints)

    /// Bytes at the end of a name that are looked at: it is asked for again with every number in the text.
    private static let byteCountMax = 64

    func hints(_ text: Span<UInt8>) -> Hints {
        switch self {
        case .none: []
        case .inText(let range):
            Hints.name(max(range.lowerBound, range.upperBound - Self.byteCountMax)..<range.upperBound, of: text)
        case .known(let hints): hints
        }
    }
}
