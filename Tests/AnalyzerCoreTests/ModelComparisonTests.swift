import AnalyzerCore
import AuditModel
import Glibc
import Primitives
import Testing

/// Goal: a comparison counts each event that both models judged once, in whatever order their verdicts come.
struct ModelComparisonTests {
    private static func model(_ number: UInt8) throws -> Digest {
        try #require(Digest([UInt8](repeating: number, count: 32)))
    }

    private static func batch(_ model: UInt8, _ verdicts: [(UInt64, Severity, Float, UInt32)]) throws -> VerdictBatch {
        VerdictBatch(
            modelHash: try Self.model(model),
            schemaHash: try Self.model(9),
            slot: 0,
            verdicts: try verdicts.map { index, severity, margin, risk in
                Verdict(
                    eventIndex: index,
                    leafHash: try Self.model(0),
                    features: [1],
                    marginBits: [margin.bitPattern],
                    category: "other",
                    risk: risk,
                    severity: severity.rawValue,
                )
            },
        )
    }

    @Test func countsWhatBothJudged() throws {
        let old = try Self.batch(
            1,
            [(1, .none, 0, 10), (2, .low, 1, 45), (3, .high, 2, 85), (4, .none, 0, 10)],
        )
        let new = try Self.batch(
            2,
            [(1, .none, 0.5, 12), (2, .critical, 3, 97), (3, .low, 1, 45), (5, .none, 0, 10)],
        )
        let other = try Self.batch(3, [(1, .critical, 9, 100)])
        for batches in [[old, new, other], [new, other, old], [other, new, old]] {
            var comparison = ModelComparison(old: try Self.model(1), new: try Self.model(2))
            for batch in batches { comparison.take(batch) }
            #expect(comparison.eventCount == 3)
            #expect(comparison.raisedCount == 1 && comparison.loweredCount == 1)
            #expect(comparison.severities[1][4] == 1 && comparison.severities[3][1] == 1)
            #expect(comparison.meanMarginDifference == 3.5 / 3)
            #expect(comparison.categoryDifferences == 0 && comparison.featureDifferences == 0)
        }
    }

    @Test func theStabilityIndexTellsDistributionsApart() throws {
        func index(_ shift: UInt32) throws -> Double {
            var comparison = ModelComparison(old: try Self.model(1), new: try Self.model(2))
            let events = (0..<1000 as Range<UInt64>).map { ($0, Severity.none, Float(0), UInt32($0 % 50)) }
            comparison.take(try Self.batch(1, events))
            comparison.take(try Self.batch(2, events.map { ($0.0, $0.1, $0.2, $0.3 + shift) }))
            return comparison.stabilityIndex
        }
        #expect(try index(0) == 0)
        // 40 of 1000 risks leave the lowest bucket for one that was empty; buckets count half an event more.
        let expected = (40 / 1005) * log(200.5 / 160.5) + (40 / 1005) * log(40.5 / 0.5)
        #expect(try abs(index(2) - expected) < 1e-12)
        #expect(try index(50) > 1)
        // One bucket of five is emptied, and a new one is filled.
        let ten = try index(10)
        #expect(ten > 1 && ten < 3)
    }
}
