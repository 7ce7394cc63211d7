import BoostedTrees
import JSONText
import Primitives
import Testing

/// Goal: no file crashes the loader or makes it take memory that the file does not pay for.
///
/// Method: each claim broken by hand, then every prefix, and seeded damage to every byte.
struct HostileModelTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let name: String
        let reason: String
        let change: @Sendable (inout SmallModel) -> Void
        var testDescription: String { self.name }
    }

    static let rows = [
        Row(name: "child past the end", reason: "refers to node 9") { $0.trees[0][0].right = 9 },
        Row(name: "negative child", reason: "refers to node -7") { $0.trees[0][2].right = -7 },
        Row(name: "cycle", reason: "reaches node 0 twice") { $0.trees[0][2].right = 0 },
        Row(name: "shared child", reason: "reaches node 1 twice") { $0.trees[0][2].right = 1 },
        Row(name: "own child", reason: "reaches node 2 twice") { $0.trees[0][2].left = 2 },
        Row(name: "feature past the end", reason: "reads feature 2") { $0.trees[0][0].feature = 2 },
        Row(name: "negative feature", reason: "reads feature -1") { $0.trees[0][0].feature = -1 },
        Row(name: "NaN threshold", reason: "not an array of numbers") { $0.trees[0][0].condition = .nan },
        Row(name: "infinite leaf", reason: "not an array of numbers") { $0.trees[0][1].condition = .infinity },
        Row(name: "negative category", reason: "category outside") { $0.trees[0][2].categories = [-1] },
        Row(name: "huge category", reason: "category outside") { $0.trees[0][2].categories = [1 << 24] },
        Row(name: "group past the end", reason: "output group 1") { $0.groups[1] = 1 },
        Row(name: "too few groups", reason: "do not match") { $0.groups = [0] },
        Row(name: "a tree without nodes", reason: "claims 0 nodes") { $0.trees[1] = [] },
        Row(name: "no such objective", reason: "\"magic\" is not supported") { $0.objective = "magic" },
        Row(name: "linear booster", reason: "\"gblinear\"") { $0.booster = "gblinear" },
        Row(name: "base score is no number", reason: "is no number") { $0.baseScore = "[x]" },
        Row(name: "base score beyond the link", reason: "not a finite number") { $0.baseScore = "1E0" },
        Row(name: "two base scores for one group", reason: "2 base scores") { $0.baseScore = "[5E-1,5E-1]" },
        Row(name: "billions of classes", reason: "output groups") { $0.classCount = 4_000_000_000 },
        Row(name: "billions of features", reason: "4000000000 features") { $0.featureCount = 4_000_000_000 },
    ]

    @Test(arguments: rows) func refuses(_ row: Row) throws {
        var model = SmallModel()
        row.change(&model)
        for bytes in [model.json, SmallModel.ubjson(model.document)] {
            let error = #expect(throws: IndelibleError.self) { try BoostedModel(bytes) }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.contains(row.reason) == true, "\(error?.message ?? "")")
        }
    }

    @Test func acceptsTheModelThatTheOthersBreak() throws {
        let json = try BoostedModel(SmallModel().json)
        let ubjson = try BoostedModel(SmallModel.ubjson(SmallModel().document))
        #expect(json.formHash == ubjson.formHash)
        #expect(json.format == .xgboostJSON && ubjson.format == .xgboostUBJSON)
        guard case .single(let ensemble) = json.ensemble else {
            Issue.record("XGBoost models are in single precision")
            return
        }
        // Worked by hand; the margin of a base score of 0.5 is 0.
        #expect(ensemble.margins([0.25, 0]) == [-1.125])
        #expect(ensemble.margins([.nan, 5]) == [-1.125])
        #expect(ensemble.margins([0.5, 5]) == [2.125])
        #expect(ensemble.margins([0.5, 4]) == [0.875])
        #expect(ensemble.margins([0.5, -2]) == [0.875])
        #expect(ensemble.margins([0.5, .nan]) == [2.125])
    }

    @Test func refusesWhatIsNoModel() {
        let texts = [
            "", "{", "{}", "[]", "tree", "tree\nversion=v4\n", "hello", "{\"learner\":{}}", "{\"a\":1,\"a\":1}",
        ]
        for text in texts {
            #expect(throws: IndelibleError.self, "\(text)") { try BoostedModel(Array(text.utf8)) }
        }
    }

    /// What LightGBM's text may claim: the first is replaced by the second.
    @Test(arguments: [
        ("num_leaves=4", "num_leaves=4000000000", "not a count"),
        ("num_leaves=4", "num_leaves=2000000000", "numbers where"),
        ("num_leaves=4", "num_leaves=0", "has no leaf"),
        ("left_child=1 -1 -2", "left_child=0 -1 -2", "twice"),
        ("left_child=1 -1 -2", "left_child=1 -9 -2", "refers to node"),
        ("threshold=1.5 0 inf", "threshold=nan 0 inf", "compares with NaN"),
        ("split_feature=0 1 2", "split_feature=0 1 3", "reads feature 3"),
        ("leaf_value=1 2 4 8", "leaf_value=1 2 4 inf", "finite"),
        ("leaf_value=1 2 4 8", "leaf_value=1 2 4 8 9", "numbers where"),
        ("cat_boundaries=0 2", "cat_boundaries=0 2000000000", "numbers where"),
        ("cat_boundaries=0 2", "cat_boundaries=2 0", "out of order"),
        ("num_cat=1", "num_cat=2000000000", "numbers where"),
        ("max_feature_idx=2", "max_feature_idx=2000000000", "features"),
        ("num_tree_per_iteration=1", "num_tree_per_iteration=2000000000", "trees per iteration"),
        ("is_linear=0", "is_linear=1", "linear"),
        ("objective=regression", "objective=magic", "not supported"),
        ("Tree=1", "Tree=7", "out of order"),
    ]) func refusesLightGBM(_ old: String, _ new: String, _ reason: String) {
        let text = LightGBMTests.text.replacing(old, with: new, maxReplacements: 1)
        let error = #expect(throws: IndelibleError.self) { try BoostedModel(Array(text.utf8)) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }

    @Test(arguments: ["[", "{\"a\":"]) func refusesDeepJSON(opening: String) {
        let text = "{\"learner\":" + String(repeating: opening, count: 200_000)
        #expect(throws: IndelibleError.self) { try BoostedModel(Array(text.utf8)) }
    }

    /// Deep trees are scored by walking, and not explained: that would take memory with the square of the depth.
    @Test func deepTreesAreScoredAndNotExplained() throws {
        var model = SmallModel()
        let depth = 5000
        model.trees = [
            (0...2 * depth).map { node in
                node < 2 * depth && node.isMultiple(of: 2)
                    ? .init(left: node + 1, right: node + 2, condition: Float(node)) : .init(condition: Float(node))
            }
        ]
        model.groups = [0]
        model.objective = "reg:squarederror"
        model.baseScore = "0E0"
        let compiled = try BoostedModel(model.json)
        var scorer = RowScorer(compiled)
        #expect(scorer.method(rowCount: 64) == .walk)
        #expect(scorer.margins([1e6, 0] as [Float], rowCount: 1) == .single([Float(2 * depth)]))
        #expect(throws: IndelibleError.self) { try ModelExplainer(compiled) }
    }

    @Test func refusesRecodedCategories() throws {
        let text = SmallModel().document.text().replacing("\"enc\":[]", with: "\"enc\":[{\"offsets\":[0]}]")
        #expect(throws: IndelibleError.self) { try BoostedModel(Array(text.utf8)) }
    }

    @Test func refusesLimits() {
        var limits = ModelLimits()
        limits.nodeCountMax = 5
        #expect(throws: IndelibleError.self) { try BoostedModel(SmallModel().json, limits: limits) }
        limits = ModelLimits()
        limits.treeCountMax = 1
        #expect(throws: IndelibleError.self) { try BoostedModel(SmallModel().json, limits: limits) }
        limits = ModelLimits()
        limits.categoryCountMax = 1
        #expect(throws: IndelibleError.self) { try BoostedModel(SmallModel().json, limits: limits) }
        limits = ModelLimits()
        limits.fileByteCountMax = 100
        #expect(throws: IndelibleError.self) { try BoostedModel(SmallModel().json, limits: limits) }
    }

    @Test func refusesEveryPrefix() {
        let text = Array(LightGBMTests.text.utf8)
        let files = [
            (SmallModel().json, 0), (SmallModel.ubjson(SmallModel().document), 0),
            (text, 1),  // The last line may lack its end.
        ]
        for (bytes, optional) in files {
            for length in 0..<bytes.count - optional {
                #expect(throws: IndelibleError.self) { try BoostedModel(Array(bytes[..<length])) }
            }
        }
    }

    /// Each byte replaced in turn: the loader throws or gives a model that scores; it never traps.
    @Test func survivesEveryDamagedByte() {
        var random = SplitMix64(seed: 7)
        for bytes in [SmallModel().json, SmallModel.ubjson(SmallModel().document), Array(LightGBMTests.text.utf8)] {
            var refused = 0
            for position in bytes.indices {
                var damaged = bytes
                damaged[position] = UInt8.random(in: .min ... .max, using: &random)
                do {
                    switch try BoostedModel(damaged).ensemble {
                    case .single(let ensemble):
                        #expect(ensemble.margins([Float](repeating: 1, count: ensemble.featureCount)).count > 0)
                    case .double(let ensemble):
                        #expect(ensemble.margins([Double](repeating: 1, count: ensemble.featureCount)).count > 0)
                    }
                } catch { refused += 1 }
            }
            #expect(refused > bytes.count / 4)
        }
    }

    @Test(arguments: [
        "{L\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{1}a[$d#L\u{0}\u{0}\u{0}\u{0}\u{7f}\u{7f}\u{7f}\u{7f}",
        "{i\u{1}a[#L\u{0}\u{0}\u{0}\u{0}\u{7f}\u{7f}\u{7f}\u{7f}",
        "{i\u{1}a[$Z#l\u{7f}\u{7f}\u{7f}\u{7f}",
        "{i\u{1}aSL\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}x",
        "{i\u{1}a" + String(repeating: "[", count: 100_000),
        "{i\u{1}aHi\u{1}1}",
    ]) func refusesClaimsThatTheFileDoesNotPay(text: String) {
        #expect(throws: IndelibleError.self) { try BoostedModel(Array(text.utf8)) }
    }
}
