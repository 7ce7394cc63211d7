import AnalyzerCore
import AuditModel
import Primitives
import ProtobufC
import SigmaRules

/// Rules about the made-up company's events, and such events.
enum TestRules {
    /// One rule about single events, and a correlation of a silent one.
    static let text = """
        title: Factor removed
        id: factor
        level: high
        tags: [attack.t1556.006]
        logsource: {product: okta, service: okta}
        detection: {s: {eventType: user.mfa.factor.deactivate}, condition: s}
        ---
        title: Login failed
        id: failed
        logsource: {product: okta, service: okta}
        detection: {s: {eventType: user.session.start, outcome.result: FAILURE}, condition: s}
        ---
        title: Three failed logins
        id: failures
        level: medium
        correlation:
            type: event_count
            rules: [failed]
            group-by: [actor.id]
            timespan: 1h
            condition: {gte: 3}
        """

    static func set() throws -> RuleSet {
        try RuleSet.strict([RuleSet.File(name: "okta.yml", bytes: Array(self.text.utf8))])
    }

    /// The events of ``TestEvents``, with records that the rules look at.
    static func log(count: Int, seed: UInt64) -> [TestEvents.Item] {
        var random = SplitMix64(seed: seed)
        let records = [
            ("user.mfa.factor.deactivate", "SUCCESS"), ("user.session.start", "FAILURE"),
            ("user.session.start", "FAILURE"), ("user.session.start", "SUCCESS"), ("app.read", "SUCCESS"),
        ]
        return TestEvents.log(count: count, seed: seed, actors: 5).map { item in
            var event = item.event
            let (type, result) = records[Int(random.next() % UInt64(records.count))]
            event.raw = Array(
                #"{"eventType":"\#(type)","actor":{"id":"\#(event.actor.id)"},"outcome":{"result":"\#(result)"}}"#.utf8
            )
            let blind = [UInt8](repeating: UInt8(truncatingIfNeeded: item.index), count: Entry.blindByteCount)
            let entry = Entry(blind: blind, stamp: nil, body: .event(event.serialized)).serialized
            return TestEvents.Item(index: item.index, slot: item.slot, event: event, entry: entry)
        }
    }
}
