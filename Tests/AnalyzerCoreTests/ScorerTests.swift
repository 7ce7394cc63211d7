import AnalyzerCore
import AuditModel
import Cryptography
import Primitives
import Testing

struct ScorerTests {
    @Test func replayReachesTheRecordedVerdictBitForBit() throws {
        let model = try TestEvents.model()
        var scorer = Scorer(model: model)
        var severities: Set<String> = []
        for item in TestEvents.log(count: 200, seed: 5) {
            let leafHash = LeafHash.hash(item.entry)
            let verdict = scorer.score(index: item.index, slot: item.slot, leafHash: leafHash, item.event)
            #expect(try Scorer.replay(verdict, model) == verdict)
            #expect(verdict.marginBits.count == 1 && verdict.risk <= 100)
            severities.insert(verdict.severity)
            var changed = verdict
            changed.features[16] += 1
            #expect(try Scorer.replay(changed, model).leafHash == verdict.leafHash)
            changed = verdict
            changed.marginBits[0] ^= 1
            #expect(try Scorer.replay(changed, model) != changed)
            changed = verdict
            changed.severity = verdict.severity == "none" ? "high" : "none"
            #expect(try Scorer.replay(changed, model) != changed)
        }
        #expect(severities.count > 1)
    }

    @Test func replayOfAVectorOfAnotherSchemaIsRefused() throws {
        let verdict = Verdict(eventIndex: 1, leafHash: .zero, features: [1, 2, 3])
        #expect(throws: IndelibleError.self) { try Scorer.replay(verdict, try TestEvents.model()) }
    }

    @Test func unreadableEventsHaveAVerdictThatReplays() throws {
        let verdict = Scorer.unreadable(index: 7, leafHash: .zero)
        #expect(verdict.severity == "none" && verdict.marginBits.isEmpty)
        #expect(try Scorer.replay(verdict, TestEvents.model()) == verdict)
    }

    @Test func modelsOfAnotherSchemaAreRefused() throws {
        let schema = try FeatureSchema.v1()
        let files = [
            TestEvents.modelFile(schema: schema, attributes: ["indelible.schema": Digest.zero.hex]),
            TestEvents.modelFile(schema: schema, leaving: "indelible.schema"),
            TestEvents.modelFile(schema: schema, leaving: "indelible.threshold.high"),
            TestEvents.modelFile(schema: schema, attributes: ["indelible.threshold.high": "9"]),
            TestEvents.modelFile(schema: schema, attributes: ["indelible.threshold.low": "nan"]),
            TestEvents.modelFile(schema: schema, leaving: "indelible.threshold.abuse"),
            TestEvents.modelFile(schema: schema, attributes: ["indelible.threshold.abuse": "inf"]),
            Array("{}".utf8),
        ]
        for file in files {
            let error = #expect(throws: IndelibleError.self) { try AnalyzerModel(file) }
            #expect(error?.code == .invalidArgument)
        }
        let file = TestEvents.modelFile(schema: schema)
        #expect(try AnalyzerModel(file).hash == SHA256.hash(file))
        #expect(try AnalyzerModel(file).name == "test")
    }

    /// The table says what an event is; a margin can say that it is the worse form of the same thing.
    @Test func categoriesFollowFromTableAndMargin() throws {
        let model = try TestEvents.model()
        let names = model.schema.names
        var scorer = Scorer(model: model)
        var seen: Set<String> = []
        var hits = ActivityTable.v1.noHits
        for item in TestEvents.log(count: 600, seed: 6) {
            let verdict = scorer.score(index: item.index, slot: item.slot, leafHash: .zero, item.event)
            let margin = try #require(verdict.margins.first)
            let listed = ActivityTable.v1.category(
                ofFoldedAction: EventFacts.foldedAction(item.event.action).span,
                item.event,
                &hits,
            )
            let isStore = verdict.features[try #require(names.firstIndex(of: "thing.store"))] > 0
            let expected: ActivityCategory =
                switch listed {
                case .genAIUse: margin >= 0.75 ? .genAIAbuse : .genAIUse
                case .dataAccess where margin >= 1 && isStore: .exfiltration
                default: listed
                }
            #expect(verdict.category == expected.rawValue)
            seen.insert(verdict.category)
        }
        #expect(seen.isSuperset(of: ["genai_use", "genai_abuse", "data_access", "exfiltration", "identity_change"]))
    }

    struct Row: Sendable {
        let margin: Float
        let severity: Severity
        let risk: UInt32
    }

    static let rows = [
        Row(margin: -.infinity, severity: .none, risk: 0), Row(margin: -100, severity: .none, risk: 0),
        Row(margin: -3, severity: .none, risk: 20), Row(margin: 0.9, severity: .none, risk: 39),
        Row(margin: 1, severity: .low, risk: 40), Row(margin: 1.5, severity: .low, risk: 50),
        Row(margin: 2, severity: .medium, risk: 60), Row(margin: 3, severity: .high, risk: 80),
        Row(margin: 4, severity: .critical, risk: 95), Row(margin: 100, severity: .critical, risk: 100),
    ]

    @Test(arguments: rows) func scaleMapsMargins(_ row: Row) throws {
        let scale = try SeverityScale(low: 1, medium: 2, high: 3, critical: 4)
        #expect(scale.severity(of: row.margin) == row.severity)
        #expect(scale.risk(of: row.margin) == row.risk)
    }

    @Test func scaleMayHaveEqualThresholds() throws {
        let scale = try SeverityScale(low: 1, medium: 1, high: 1, critical: 1)
        #expect(scale.severity(of: 1) == .critical)
        #expect(scale.risk(of: 1) == 95)
    }
}
