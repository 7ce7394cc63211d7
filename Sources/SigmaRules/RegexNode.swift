/// A regular expression as it was written.
indirect enum RegexNode {
    enum Assertion: Sendable {
        case textStart, textEnd, lineStart, lineEnd, wordEdge, noWordEdge
    }

    case empty
    case bytes(ByteSet)
    case sequence([RegexNode])
    case choice([RegexNode])
    /// `atMost`: `nil` for no bound.
    case repeated(RegexNode, atLeast: Int, atMost: Int?)
    case assertion(Assertion)

    /// One character, of ASCII in `set` or any other.
    static func character(_ set: ByteSet) -> RegexNode {
        let further = RegexNode.repeated(.bytes(ByteSet(0x80...0xbf)), atLeast: 0, atMost: nil)
        return .choice([.bytes(set), .sequence([.bytes(ByteSet(0xc0...0xff)), further])])
    }
}
