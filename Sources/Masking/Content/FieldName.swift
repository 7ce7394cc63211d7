/// The name of the field that holds a text; what it says is asked only when a number or a random text needs it.
enum FieldName {
    case none
    /// Where it stands in the same bytes as the text.
    case inText(Range<Int>)
    case known(Hints)

    func hints(_ text: Span<UInt8>) -> Hints {
        switch self {
        case .none: []
        case .inText(let range): Hints.name(range, of: text)
        case .known(let hints): hints
        }
    }
}
