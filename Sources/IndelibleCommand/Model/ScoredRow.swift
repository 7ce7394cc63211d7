package import BoostedTrees
import JSONText

/// The raw margins of one row, and how they are printed.
package struct ScoredRow: Equatable, Sendable {
    /// From 0, without the header.
    package let number: Int
    /// One per class.
    package let margins: RowScorer.Margins
    /// One per class, each a number per feature and last what every row starts from; `nil` when nobody asked.
    package var contributions: [[Double]]?

    package init(number: Int, margins: RowScorer.Margins, contributions: [[Double]]? = nil) {
        self.number = number
        self.margins = margins
        self.contributions = contributions
    }

    /// One line: `row`, `margins`, `margin_bits`, and for LightGBM `margin_bits64`.
    package var json: String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("row", self.number)
            writer.key("margins")
            writer.array { writer in
                switch self.margins {
                case .single(let values): for value in values { writer.number(value) }
                case .double(let values): for value in values { writer.number(value) }
                }
            }
            writer.key("margin_bits")
            writer.array { for bits in self.bits { $0.string(bits) } }
            if case .double(let values) = self.margins {
                writer.key("margin_bits64")
                writer.array { for value in values { $0.string(Self.hex(value.bitPattern)) } }
            }
            guard let contributions = self.contributions else { return }
            writer.key("contributions")
            writer.array { writer in
                for values in contributions { writer.array { for value in values { $0.number(value) } } }
            }
        }
        return writer.text + "\n"
    }

    /// One line: the row's number, then each margin with its bits.
    package var text: String {
        let decimals =
            switch self.margins {
            case .single(let values): values.map(\.description)
            case .double(let values): values.map(\.description)
            }
        return "\(self.number)" + zip(decimals, self.bits).map { "\t\($0.0)\t\($0.1)" }.joined() + "\n"
    }

    /// As binary32; a LightGBM margin is rounded to it.
    private var bits: [String] {
        switch self.margins {
        case .single(let values): values.map { Self.hex($0.bitPattern) }
        case .double(let values): values.map { Self.hex(Float($0).bitPattern) }
        }
    }

    /// All digits, also leading zeros.
    static func hex<Bits: FixedWidthInteger>(_ bits: Bits) -> String {
        let digits = String(bits, radix: 16)
        return String(repeating: "0", count: Bits.bitWidth / 4 - digits.count) + digits
    }
}
