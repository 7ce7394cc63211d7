// Goal: a simulation is the same everywhere, true to its sources' shapes, and all our own. Method: golden hashes; every record
// goes through the normaliser for its source; every line is looked up in the real data where that is at hand.

import AuditModel
import Cryptography
import EventFormats
import Primitives
import Testing

struct EventSimulatorTests {
    struct Golden: Sendable {
        let mix: SimulatedMix
        let hash: String
    }

    private static func records(_ mix: SimulatedMix, seed: UInt64 = 1, count: Int = 1000) -> [SimulatedRecord] {
        var simulator = EventSimulator(seed: seed, mix: mix)
        return (0..<count).map { _ in simulator.next() }
    }

    private static func text(_ records: [SimulatedRecord]) -> [UInt8] {
        records.flatMap { $0.bytes + [UInt8(ascii: "\n")] }
    }

    /// The same bytes on every machine, for ever: when these change, `EventSimulator.generation` has to.
    static let golden = [
        Golden(mix: .cloudtrail, hash: "a111a2f974474cc8d905e6af109f62f8bf7acab60ed6a7d41c254e7338da1340"),
        Golden(mix: .k8s, hash: "ce3d69a8254085695a5d32307adf26748026c4c479e78c3be1d8a7b88550d555"),
        Golden(mix: .app, hash: "d13f241d9077c86bc6e3ee50a7e19f5e9eb70fb862ba3ed0c66c4f480186e992"),
        Golden(mix: .genai, hash: "9d2cdbe195803d1f31bcd76407d96b7336c4974e288c55ec186bf77c8aef3e73"),
        Golden(mix: .all, hash: "f4be9799ce252258fc06eb5cb293a17807563c00b4ee6119f8625e1864526636"),
    ]

    @Test(arguments: golden) func sameSeedSameBytes(_ golden: Golden) throws {
        let hash = try SHA256.hash(Self.text(Self.records(golden.mix)))
        #expect(EventSimulator.generation == 1)
        #expect(hash.hex == golden.hash, "\(golden.mix)")
    }

    @Test func otherSeedsAndMixesDiffer() {
        #expect(Self.text(Self.records(.all, count: 50)) != Self.text(Self.records(.all, seed: 2, count: 50)))
        #expect(Self.text(Self.records(.app, count: 50)) != Self.text(Self.records(.k8s, count: 50)))
    }

    @Test(arguments: SimulatedMix.allCases) func speaksTheLanguageOfItsSources(_ mix: SimulatedMix) throws {
        let normalizer = EventNormalizer()
        var formats: Set<String> = []
        var ids: Set<EventID> = []
        var lastTime: UInt64 = 0
        for (position, item) in try readAll(Self.text(Self.records(mix))).enumerated() {
            guard case .record(let record) = item else {
                Issue.record("record \(position) cannot be read: \(item)")
                continue
            }
            let event = try normalizer.normalize(record).event
            formats.insert(event.format)
            if let id = event.id { ids.insert(id) }
            #expect(!event.actor.id.isEmpty && event.actor.kind != .unknown)
            #expect(!event.action.isEmpty && event.actionClass != .unknown, "\(event.action)")
            #expect(event.targets.first?.id.isEmpty == false)
            #expect(event.outcome.result != .unknown)
            #expect(event.occurredNanoseconds + 1_000_000_000 > lastTime, "records come in order of time")
            #expect((event.genAI != nil) == (event.format == "genai.call"))
            lastTime = event.occurredNanoseconds
        }
        #expect(ids.count == 1000)
        let expected: [SimulatedMix: Set<String>] = [
            .cloudtrail: ["aws.cloudtrail"], .k8s: ["k8s.audit"], .app: ["app.json"], .genai: ["genai.call"],
            .all: ["aws.cloudtrail", "k8s.audit", "app.json", "genai.call"],
        ]
        #expect(formats == expected[mix])
    }

    @Test func tellsTheTruthApart() throws {
        let records = Self.records(.all, count: 20_000)
        let kinds = Dictionary(grouping: records, by: \.label.kind).mapValues(\.count)
        #expect((100...2000).contains(kinds[.abuse] ?? 0))
        #expect((50...2000).contains(kinds[.hardNegative] ?? 0))
        let stories = Set(records.compactMap { $0.label.scenario.split(separator: "/").first })
        #expect(stories.count == 13)
        for record in records {
            #expect(record.label.scenario.isEmpty == (record.label.kind == .benign))
            let text = String(decoding: record.bytes, as: UTF8.self)
            #expect(!text.contains("abuse") && !text.contains("benign") && !text.contains("scenario"))
        }
    }

    @Test func actorsHaveHabits() throws {
        let counts = Dictionary(grouping: Self.records(.app, count: 5000), by: \.label.actor).mapValues(\.count)
        let sorted = counts.values.sorted(by: >)
        #expect(counts.count > 20)
        #expect(sorted[0] > 4 * sorted[sorted.count / 2])
    }

    @Test(.enabled(if: SharedData.folder != nil, "the shared data is not beside this repository"))
    func copiesNoRealRecord() throws {
        let simulated = Set(Self.records(.all, count: 20_000).map(\.bytes))
        for name in SharedData.names {
            for case .record(let record) in try readAll(try SharedData.bytes(name))
            where simulated.contains(record.bytes) {
                Issue.record("\(name), record \(record.number) is simulated too")
            }
        }
    }
}
