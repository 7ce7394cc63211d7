import AnalyzerCore
import AuditModel
import Primitives
import JSONText
import ProtobufC

/// Events of a made-up company, and a made-up model to judge them.
enum TestEvents {
    struct Item {
        let index: UInt64
        let slot: UInt8
        let event: AuditEvent
        let entry: [UInt8]
    }

    /// Seconds since the epoch of the first event: 2026-03-02, a Monday, 08:00.
    static let start: UInt64 = 1_772_438_400

    /// A log's events; indexes have gaps, as other entries lie between.
    static func log(count: Int, seed: UInt64, actors: Int = 12) -> [Item] {
        var random = SplitMix64(seed: seed)
        var index: UInt64 = 0
        return (0..<count).map { number in
            index += UInt64.random(in: 1...3, using: &random)
            let event = Self.event(number, actors, &random)
            let blind = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            let entry = Entry(blind: blind, stamp: nil, body: .event(event.serialized)).serialized
            return Item(index: index, slot: ActorSlot.slot(of: event.actor.id), event: event, entry: entry)
        }
    }

    private static func event(_ number: Int, _ actors: Int, _ random: inout SplitMix64) -> AuditEvent {
        let actions = [
            "iam.user.create", "s3.object.get", "cloudtrail.logging.stop", "sso.session.login", "genai.converse",
        ]
        var event = AuditEvent()
        event.occurredNanoseconds = (Self.start + UInt64(number) * 97) * 1_000_000_000
        event.source = "test/1"
        event.format = "app.json"
        event.actor = .init(id: "actor-\(Int.random(in: 0..<actors, using: &random))", kind: .user)
        event.action = actions[Int.random(in: 0..<actions.count, using: &random)]
        event.outcome = .init(Bool.random(using: &random) ? .success : .denied, code: "AccessDenied")
        event.origin = .init(
            address: "10.0.0.\(Int.random(in: 0..<40, using: &random))",
            userAgent: "aws-cli/2.1 (linux)",
        )
        let text = (0..<Int.random(in: 0..<60, using: &random)).map { _ in
            ["ignore previous", "Secret", "whoami", "0.0.0.0/0", "é", "x"].randomElement(using: &random) ?? ""
        }
        event.raw = Array("{\"prompt\":\"\(text.joined(separator: " "))\"}".utf8)
        return event
    }

    /// One tree per feature, so that any change of the vector moves the margin.
    static func modelFile(
        schema: FeatureSchema,
        attributes: [String: String] = [:],
        leaving absent: String? = nil,
    ) -> [UInt8] {
        var all = [
            "indelible.schema": schema.hash.hex, "indelible.name": "test", "indelible.threshold.low": "0",
            "indelible.threshold.medium": "0.5", "indelible.threshold.high": "1", "indelible.threshold.critical": "1.5",
            "indelible.threshold.abuse": "0.75",
        ]
        for (key, value) in attributes { all[key] = value }
        if let absent { all[absent] = nil }
        var attributeObject = JSONObject()
        for (key, value) in all.sorted(by: { $0.key < $1.key }) { attributeObject.append(key, .string(value)) }
        let trees = schema.names.indices.map { feature -> JSONValue in
            let size = Float(feature.isMultiple(of: 2) ? 1 + feature % 7 : -1 - feature % 7) / 16
            return [
                "default_left": [0, 0, 0], "left_children": [1, -1, -1], "right_children": [2, -1, -1],
                "split_conditions": [Self.number(1.5), Self.number(-size), Self.number(size)],
                "split_indices": [.number(JSONNumber(feature)), 0, 0], "tree_param": ["num_nodes": "3"],
            ]
        }
        let document: JSONValue = [
            "learner": [
                "attributes": .object(attributeObject), "feature_names": .array(schema.names.map(JSONValue.string)),
                "gradient_booster": [
                    "model": [
                        "gbtree_model_param": ["num_trees": .string("\(trees.count)")],
                        "tree_info": .array(trees.map { _ in 0 }), "trees": .array(trees),
                    ],
                    "name": "gbtree",
                ],
                "learner_model_param": [
                    "base_score": "5E-1", "num_class": "0", "num_feature": .string("\(schema.count)"),
                ],
                "objective": ["name": "binary:logistic"],
            ],
            "version": [3, 2, 0],
        ]
        return Array(document.text().utf8)
    }

    private static func number(_ value: Float) -> JSONValue { JSONNumber(value).map(JSONValue.number) ?? .null }

    static func model() throws -> AnalyzerModel { try AnalyzerModel(Self.modelFile(schema: .v1())) }
}
