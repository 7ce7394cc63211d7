package import Primitives

/// The slots of one analyzer among several, as its operator gives them.
package struct SlotRange: Equatable, Sendable {
    package let range: ClosedRange<UInt8>

    /// All slots.
    package static let all = SlotRange(range: .min ... .max)

    private init(range: ClosedRange<UInt8>) { self.range = range }

    /// Reads `A-B`, both ends included, or a single slot.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` for anything but slots from 0 to 255 in rising order.
    package init(_ text: String) throws(IndelibleError) {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { UInt8($0) }
        guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first <= last else {
            throw IndelibleError(
                .invalidArgument,
                "\"\(text)\" is no range of slots. Write 0-255, or 0-127 and 128-255.",
            )
        }
        self.range = first...last
    }

    /// The share of one of `count` analyzers: every slot has one owner, and shares differ by one slot at most.
    ///
    /// - Precondition: `position` is below `count`, and there are at most 256.
    package init(position: Int, of count: Int) {
        precondition((1...256).contains(count) && (0..<count).contains(position), "1 to 256 analyzers share the slots")
        self.range = UInt8(position * 256 / count)...UInt8((position + 1) * 256 / count - 1)
    }
}

extension SlotRange: CustomStringConvertible {
    package var description: String { "\(self.range.lowerBound)-\(self.range.upperBound)" }
}
