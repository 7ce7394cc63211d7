import Primitives
import SigmaRules
import Testing

/// Goal: correlations count within one actor and by the time of events, forget what is too old, and go on from a kept state.
///
/// Method: short tables of events, and the events after which a correlation must be told.
struct CorrelationTests {
    private static let base = """
        title: Login failed
        id: failed
        name: login_failed
        logsource: {product: aws, service: cloudtrail}
        detection: {s: {e: fail}, condition: s}
        ---
        title: Login worked
        id: worked
        logsource: {product: aws, service: cloudtrail}
        detection: {s: {e: work}, condition: s}

        """

    private static func correlation(_ rest: String) -> String {
        "title: Together\nid: together\nlevel: high\ncorrelation:\n    group-by: [userIdentity.arn]\n    timespan: 60s\n"
            + rest.split(separator: "\n").map { "    \($0)\n" }.joined()
    }

    private struct Step {
        let seconds: UInt64
        let name: String
        var actor = "alice"
        var address = "1"

        init(_ seconds: UInt64, _ name: String, _ actor: String = "alice", from address: String = "1") {
            self.seconds = seconds
            self.name = name
            self.actor = actor
            self.address = address
        }

        func event(_ index: UInt64) -> RuleSet.Event {
            RuleSet.Event(
                index: index,
                format: Rules.format,
                actor: self.actor,
                time: (1_000_000 + self.seconds) * 1_000_000_000,
                record: Array(
                    #"{"e":"\#(self.name)","userIdentity":{"arn":"\#(self.actor)"},"ip":"\#(self.address)"}"#.utf8
                ),
            )
        }
    }

    /// The events that a correlation names, each time that it is told; the state is kept and restored between all steps.
    private static func told(_ rest: String, _ steps: [Step]) throws -> [[UInt64]] {
        let (set, refusals) = try Rules.compile(Self.base, Self.correlation(rest))
        #expect(refusals.isEmpty, "\(refusals)")
        var state = RuleState()
        var told: [[UInt64]] = []
        for (index, step) in steps.enumerated() {
            for hit in try set.judge(step.event(UInt64(index)), &state) where set.rules[hit.rule].id == "together" {
                told.append(hit.events)
            }
            let kept = try #require(RuleState(state.serialized))
            #expect(kept == state)
            state = kept
        }
        return told
    }

    @Test func eventsAreCounted() throws {
        let rest = "type: event_count\nrules: [login_failed]\ncondition: {gte: 3}"
        let steps: [Step] = [
            .init(0, "fail"), .init(10, "fail"), .init(15, "fail", "bob"), .init(20, "other"), .init(61, "fail"),
            .init(65, "fail"), .init(66, "fail"), .init(67, "fail"), .init(68, "fail"), .init(60, "fail"),
        ]
        // 0 is too old at 61; 65 completes 10, 61; then it begins anew.
        #expect(try Self.told(rest, steps) == [[1, 4, 5], [6, 7, 8]])
        #expect(try Self.told(rest.replacing("gte: 3", with: "gt: 2"), steps) == [[1, 4, 5], [6, 7, 8]])
    }

    @Test func eventsBeforeTheTimespanAreLeftOut() throws {
        let rest = "type: event_count\nrules: [login_failed]\ncondition: {gte: 2}"
        #expect(try Self.told(rest, [.init(100, "fail"), .init(39, "fail"), .init(41, "fail")]) == [[0, 2]])
    }

    @Test func valuesAreCountedOnce() throws {
        let rest = "type: value_count\nrules: [failed]\ncondition: {gte: 2, field: ip}"
        let steps: [Step] = [
            .init(0, "fail"), .init(1, "fail"), .init(2, "fail", "bob", from: "2"), .init(3, "fail", from: "2"),
        ]
        #expect(try Self.told(rest, steps) == [[1, 3]])
    }

    @Test func rulesComeTogether() throws {
        let rest = "type: temporal\nrules: [failed, worked]"
        #expect(try Self.told(rest, [.init(0, "work"), .init(5, "fail")]) == [[0, 1]])
        #expect(try Self.told(rest, [.init(0, "work"), .init(61, "fail")]).isEmpty)
        #expect(try Self.told(rest, [.init(0, "work"), .init(5, "fail", "bob")]).isEmpty)
    }

    @Test func rulesComeInOrder() throws {
        let rest = "type: temporal_ordered\nrules: [failed, worked]"
        #expect(try Self.told(rest, [.init(0, "work"), .init(5, "fail")]).isEmpty)
        #expect(try Self.told(rest, [.init(0, "fail"), .init(3, "fail"), .init(5, "work")]) == [[1, 2]])
        #expect(try Self.told(rest, [.init(0, "fail"), .init(61, "work")]).isEmpty)
    }

    /// As Sigma has it: a rule that a correlation asks for is not told by itself, unless it says so.
    @Test func rulesOfACorrelationAreSilent() throws {
        let rest = "type: event_count\nrules: [failed]\ncondition: {gte: 9}"
        for (generates, count) in [("", 0), ("\ngenerate: true", 1)] {
            let set = try Rules.compile(Self.base, Self.correlation(rest + generates)).set
            var state = RuleState()
            #expect(try set.judge(Step(0, "fail").event(0), &state).count == count)
            #expect(try set.judge(Step(0, "work").event(1), &state).count == 1)
        }
    }

    static let refused: [(rest: String, says: String)] = [
        ("type: event_count\nrules: [failed]", "no condition"),
        ("type: event_count\nrules: [failed]\ncondition: {lt: 5}", "cannot be known"),
        ("type: event_count\nrules: [failed]\ncondition: {gte: 100000}", "up to"),
        ("type: event_count\nrules: [nobody]\ncondition: {gte: 5}", "no rule"),
        ("type: event_count\nrules: [together]\ncondition: {gte: 5}", "no rule"),
        ("type: magic\nrules: [failed]", "not known"),
        ("type: value_count\nrules: [failed]\ncondition: {gte: 5}", "no field"),
        ("type: temporal\nrules: [failed]\ncondition: {gte: 5}", "leave its condition out"),
        ("type: temporal\nrules: [failed]\naliases: {x: {a: b}}", "Aliases"),
    ]

    @Test(arguments: refused) func isRefused(rest: String, says: String) throws {
        let refusals = try Rules.compile(Self.base, Self.correlation(rest)).refusals
        #expect(refusals.count == 1 && refusals.first?.message.contains(says) == true, "\(refusals)")
    }

    /// Events of one address may be of several actors, whom nobody sees together.
    @Test func groupsMustBeWithinAnActor() throws {
        let text = Self.correlation("type: event_count\nrules: [failed]\ncondition: {gte: 5}")
        let other = text.replacing("[userIdentity.arn]", with: "[ip]")
        #expect(try Rules.compile(Self.base, other).refusals.first?.message.contains("several actors") == true)
        let both = text.replacing("[userIdentity.arn]", with: "[ip, userIdentity.arn]")
        #expect(try Rules.compile(Self.base, both).refusals.isEmpty)
        let spans = text.replacing("60s", with: "8d")
        #expect(try Rules.compile(Self.base, spans).refusals.first?.message.contains("seven days") == true)
    }

    @Test func memoryIsBounded() throws {
        let rest = "type: event_count\nrules: [failed]\ncondition: {gte: 100}"
        let set = try Rules.compile(Self.base, Self.correlation(rest)).set
        var state = RuleState()
        var largest = 0
        for index in 0..<UInt64(3 * RuleState.groupCountMax) {
            _ = try set.judge(Step(index / 100, "fail", "actor-\(index)").event(index), &state)
            largest = max(largest, state.serialized.count)
        }
        #expect(largest < RuleState.groupCountMax * 120)
        for cut in [1, 40, 70] {
            #expect(RuleState(Array(state.serialized.dropLast(cut))) == nil, "\(cut)")
        }
    }
}
