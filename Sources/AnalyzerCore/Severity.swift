package import Primitives

/// How much attention a verdict asks for.
package enum Severity: String, Sendable, CaseIterable, Comparable {
    case none, low, medium, high, critical

    package static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// The raw margins from which on an event has a severity; they come with the model.
package struct SeverityScale: Equatable, Sendable {
    /// The least margin of low, medium, high and critical, rising.
    package let low: Float
    package let medium: Float
    package let high: Float
    package let critical: Float

    /// - Throws: ``IndelibleError/Code/invalidArgument`` unless the margins are finite and rise.
    package init(low: Float, medium: Float, high: Float, critical: Float) throws(IndelibleError) {
        guard low.isFinite, low <= medium, medium <= high, high <= critical, critical.isFinite else {
            throw IndelibleError(
                .invalidArgument,
                "The model's severity thresholds \(low), \(medium), \(high), \(critical) do not rise. Train it again.",
            )
        }
        self.low = low
        self.medium = medium
        self.high = high
        self.critical = critical
    }

    package func severity(of margin: Float) -> Severity {
        if margin >= self.critical { return .critical }
        if margin >= self.high { return .high }
        if margin >= self.medium { return .medium }
        return margin >= self.low ? .low : .none
    }

    /// 0 to 100, for people: 40, 60, 80 and 95 at the thresholds, straight lines between them.
    package func risk(of margin: Float) -> UInt32 {
        /// How far below `low` and above `critical` the ends of the scale lie.
        let reach: Float = 8
        let points: [(margin: Float, risk: Float)] = [
            (self.low - reach, 0), (self.low, 40), (self.medium, 60), (self.high, 80), (self.critical, 95),
            (self.critical + reach, 100),
        ]
        guard margin > points[0].margin else { return 0 }
        for (start, end) in zip(points, points.dropFirst()) where margin < end.margin {
            let share = (margin - start.margin) / (end.margin - start.margin)
            return UInt32(start.risk + (end.risk - start.risk) * share)
        }
        return 100
    }
}
