import AnalyzerCore
import Foundation
import JSONText
import Primitives

extension ModelComparison {
    /// One object.
    var json: String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("old", self.old.hex)
            writer.member("new", self.new.hex)
            writer.member("events", self.eventCount)
            writer.member("raised", self.raisedCount)
            writer.member("lowered", self.loweredCount)
            writer.member("category_differences", self.categoryDifferences)
            writer.member("feature_differences", self.featureDifferences)
            writer.key("mean_margin_difference")
            writer.number(self.meanMarginDifference)
            writer.key("stability_index")
            writer.number(self.stabilityIndex)
            writer.member("severities") { writer in
                for (old, row) in zip(Severity.allCases, self.severities) {
                    writer.member(old.rawValue) { writer in
                        for (new, count) in zip(Severity.allCases, row) { writer.member(new.rawValue, count) }
                    }
                }
            }
        }
        return writer.text
    }

    /// For people.
    var text: String {
        var lines = [
            "\(self.eventCount) events judged by both",
            "\(self.raisedCount) taken more seriously by the new model, \(self.loweredCount) less, "
                + "\(self.categoryDifferences) in another category",
        ]
        for (old, row) in zip(Severity.allCases, self.severities) {
            for (new, count) in zip(Severity.allCases, row) where old != new && count > 0 {
                lines.append("  \(old.rawValue) to \(new.rawValue): \(count)")
            }
        }
        let (margin, index) = (Self.rounded(self.meanMarginDifference), Self.rounded(self.stabilityIndex))
        lines.append("margins differ by \(margin) on average; stability index of the risks \(index)")
        return lines.joined(separator: "\n") + "\n"
    }

    private static func rounded(_ value: Double) -> String { String(format: "%.4f", value) }
}
