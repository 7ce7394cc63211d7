package import AuditModel
package import Primitives

/// What two models say of the same events, as the log holds it: whether a candidate may take over.
///
/// Verdicts come in any order; the first of an event waits for the other model's.
package struct ModelComparison: Sendable {
    /// Events that wait for their second verdict; the older half of more is taken to have one only.
    package static let waitingCountMax = 1 << 16
    /// Buckets of ``Verdict/risk`` for ``stabilityIndex``.
    private static let bucketCount = 10

    package let old: Digest
    package let new: Digest
    /// Events with a verdict of each.
    package private(set) var eventCount: UInt64 = 0
    /// By the old model's severity, then the new one's.
    package private(set) var severities = [[UInt64]](
        repeating: [UInt64](repeating: 0, count: Severity.allCases.count),
        count: Severity.allCases.count,
    )
    package private(set) var categoryDifferences: UInt64 = 0
    /// Events whose feature vectors are not the same; more than none is a bug, or forgery.
    package private(set) var featureDifferences: UInt64 = 0
    private var marginDifferences = 0.0
    private var oldRisks = [UInt64](repeating: 0, count: Self.bucketCount)
    private var newRisks = [UInt64](repeating: 0, count: Self.bucketCount)
    private var waiting: [UInt64: (isOld: Bool, verdict: Verdict)] = [:]

    package init(old: Digest, new: Digest) {
        self.old = old
        self.new = new
    }

    /// Takes in what an entry says; verdicts of other models are passed over.
    package mutating func take(_ batch: VerdictBatch) {
        guard batch.modelHash == self.old || batch.modelHash == self.new else { return }
        let isOld = batch.modelHash == self.old
        for verdict in batch.verdicts {
            if let first = self.waiting[verdict.eventIndex], first.isOld != isOld {
                self.waiting[verdict.eventIndex] = nil
                self.count(isOld ? verdict : first.verdict, isOld ? first.verdict : verdict)
            } else {
                if self.waiting.count >= Self.waitingCountMax { self.forgetOlderHalf() }
                self.waiting[verdict.eventIndex] = (isOld, verdict)
            }
        }
    }

    /// Both models' verdicts of an event are appended at about the same time.
    private mutating func forgetOlderHalf() {
        let middle = self.waiting.keys.sorted()[self.waiting.count / 2]
        self.waiting = self.waiting.filter { $0.key >= middle }
    }

    private mutating func count(_ old: Verdict, _ new: Verdict) {
        self.eventCount += 1
        self.severities[Self.position(old.severity)][Self.position(new.severity)] += 1
        self.categoryDifferences += old.category == new.category ? 0 : 1
        self.featureDifferences += old.features == new.features ? 0 : 1
        self.marginDifferences += Double(abs((old.margins.first ?? 0) - (new.margins.first ?? 0)))
        self.oldRisks[Self.bucket(old.risk)] += 1
        self.newRisks[Self.bucket(new.risk)] += 1
    }

    private static func position(_ severity: String) -> Int {
        Severity(rawValue: severity).flatMap { Severity.allCases.firstIndex(of: $0) } ?? 0
    }

    private static func bucket(_ risk: UInt32) -> Int { min(Self.bucketCount - 1, Int(risk) / 10) }

    /// Events that the new model takes more seriously.
    package var raisedCount: UInt64 { self.sum { $0 < $1 } }
    /// Events that the new model takes less seriously.
    package var loweredCount: UInt64 { self.sum { $0 > $1 } }

    private func sum(_ isCounted: (_ old: Int, _ new: Int) -> Bool) -> UInt64 {
        var sum: UInt64 = 0
        for (old, row) in self.severities.enumerated() {
            for (new, count) in row.enumerated() where isCounted(old, new) { sum += count }
        }
        return sum
    }

    package var meanMarginDifference: Double {
        self.eventCount == 0 ? 0 : self.marginDifferences / Double(self.eventCount)
    }

    /// The population stability index of the risks: below 0.1 alike, above 0.25 another distribution.
    ///
    /// Each bucket counts half an event more than it has, so that none is empty.
    package var stabilityIndex: Double {
        guard self.eventCount > 0 else { return 0 }
        let total = Double(self.eventCount) + Double(Self.bucketCount) / 2
        return zip(self.oldRisks, self.newRisks).reduce(0) { sum, counts in
            let (old, new) = ((Double(counts.0) + 0.5) / total, (Double(counts.1) + 0.5) / total)
            return sum + (new - old) * Self.logarithm(new / old)
        }
    }

    /// The natural logarithm, by the series of the inverse hyperbolic tangent: no library below layer 4 has it.
    private static func logarithm(_ value: Double) -> Double {
        let exponent = Double(value.exponent)
        let ratio = (value.significand - 1) / (value.significand + 1)
        var (term, sum, divisor) = (ratio, 0.0, 1.0)
        while divisor < 60 {
            sum += term / divisor
            term *= ratio * ratio
            divisor += 2
        }
        return 2 * sum + exponent * 0.693147180559945309417232121458
    }
}
