import JSONText

/// XGBoost documents made for tests: small enough to read, and to break in every way.
struct SmallModel {
    struct Node {
        var left = -1
        var right = -1
        var feature = 0
        /// The threshold of a split, the value of a leaf.
        var condition: Float = 0
        var defaultLeft = false
        /// Not `nil` for a categorical split.
        var categories: [Int]?
    }

    var trees: [[Node]] = [
        [
            Node(left: 1, right: 2, feature: 0, condition: 0.5, defaultLeft: true),
            Node(condition: -1.25),
            Node(left: 3, right: 4, feature: 1, categories: [2, 5]),
            Node(condition: 0.75),
            Node(condition: 2),
        ],
        [Node(condition: 0.125)],
    ]
    var groups = [0, 0]
    var featureCount = 2
    var classCount = 0
    var objective = "binary:logistic"
    var baseScore = "[5E-1]"
    var booster = "gbtree"

    var document: JSONValue {
        [
            "learner": [
                "feature_names": [],
                "gradient_booster": [
                    "model": [
                        "cats": ["enc": []],
                        "gbtree_model_param": ["num_parallel_tree": "1", "num_trees": .string("\(self.trees.count)")],
                        "tree_info": .array(self.groups.map { .number(JSONNumber($0)) }),
                        "trees": .array(self.trees.map(Self.tree)),
                    ],
                    "name": .string(self.booster),
                ],
                "learner_model_param": [
                    "base_score": .string(self.baseScore),
                    "num_class": .string("\(self.classCount)"),
                    "num_feature": .string("\(self.featureCount)"),
                    "num_target": "1",
                ],
                "objective": ["name": .string(self.objective)],
            ],
            "version": [3, 2, 0],
        ]
    }

    var json: [UInt8] { Array(self.document.text().utf8) }

    private static func tree(_ nodes: [Node]) -> JSONValue {
        let categorical = nodes.indices.filter { nodes[$0].categories != nil }
        let sizes = categorical.map { nodes[$0].categories?.count ?? 0 }
        var segments: [Int] = []
        for size in sizes.indices { segments.append(sizes[..<size].reduce(0, +)) }
        func integers(_ values: [Int]) -> JSONValue { .array(values.map { .number(JSONNumber($0)) }) }
        return [
            "categories": integers(categorical.flatMap { nodes[$0].categories ?? [] }),
            "categories_nodes": integers(categorical),
            "categories_segments": integers(segments),
            "categories_sizes": integers(sizes),
            "default_left": integers(nodes.map { $0.defaultLeft ? 1 : 0 }),
            "left_children": integers(nodes.map(\.left)),
            "right_children": integers(nodes.map(\.right)),
            "split_conditions": .array(nodes.map { JSONNumber($0.condition).map(JSONValue.number) ?? .null }),
            "split_indices": integers(nodes.map(\.feature)),
            "split_type": integers(nodes.map { $0.categories == nil ? 0 : 1 }),
            "tree_param": ["num_nodes": .string("\(nodes.count)"), "size_leaf_vector": "1"],
        ]
    }

    /// The document in UBJSON, with the typed arrays that XGBoost writes.
    static func ubjson(_ value: JSONValue) -> [UInt8] {
        func length(_ count: Int) -> [UInt8] {
            [UInt8(ascii: "L")] + (0..<8).map { UInt8(truncatingIfNeeded: count >> (56 - 8 * $0)) }
        }
        switch value {
        case .null: return Array("Z".utf8)
        case .bool(let truth): return Array((truth ? "T" : "F").utf8)
        case .string(let text): return Array("S".utf8) + length(text.utf8.count) + Array(text.utf8)
        case .number(let number):
            if let integer = number.int { return length(integer) }
            let bits = (number.float ?? 0).bitPattern
            return Array("d".utf8) + (0..<4).map { UInt8(truncatingIfNeeded: bits >> (24 - 8 * $0)) }
        case .object(let object):
            return Array("{".utf8)
                + object.members.flatMap { length($0.key.utf8.count) + Array($0.key.utf8) + Self.ubjson($0.value) }
                + Array("}".utf8)
        case .array(let elements):
            if !elements.isEmpty, elements.allSatisfy({ $0.number?.int != nil }) {
                return Array("[$L#".utf8) + length(elements.count)
                    + elements.flatMap { length($0.number?.int ?? 0).dropFirst() }
            }
            return Array("[#".utf8) + length(elements.count) + elements.flatMap(Self.ubjson)
        }
    }
}
