import BoostedTrees
import Primitives
import Testing

struct LightGBMTests {
    static let text = """
        tree
        version=v4
        num_class=1
        num_tree_per_iteration=1
        max_feature_idx=2
        objective=regression
        feature_names=a b c

        Tree=0
        num_leaves=4
        num_cat=1
        split_feature=0 1 2
        threshold=1.5 0 inf
        decision_type=2 1 4
        left_child=1 -1 -2
        right_child=2 -3 -4
        leaf_value=1 2 4 8
        cat_boundaries=0 2
        cat_threshold=6 1
        is_linear=0

        Tree=1
        num_leaves=1
        num_cat=0
        leaf_value=0.5

        end of trees

        """

    struct Row: Sendable {
        let values: [Double]
        let margin: Double
    }

    /// Worked by hand from the rules of the text format.
    static let rows = [
        Row(values: [1.5, 1, 0], margin: 1.5),
        Row(values: [1.5, 1.9, 0], margin: 1.5),
        Row(values: [.nan, 32, 0], margin: 1.5),
        Row(values: [1, 3, 0], margin: 4.5),
        Row(values: [1, -0.5, 0], margin: 4.5),
        Row(values: [1, .nan, 0], margin: 4.5),
        Row(values: [1, 1e300, 0], margin: 4.5),
        Row(values: [2, 0, .infinity], margin: 2.5),
        Row(values: [2, 0, 1e-36], margin: 8.5),
        Row(values: [2, 0, .nan], margin: 8.5),
    ]

    @Test(arguments: rows) func scores(_ row: Row) throws {
        for method in RowScorer.Method.allCases {
            var scorer = RowScorer(try BoostedModel(Array(Self.text.utf8)), method: method)
            #expect(scorer.margins(row.values, rowCount: 1) == .double([row.margin]))
        }
    }

    /// The library takes values up to 1e-35 for zero before it compares them, whatever a split says about missing ones.
    @Test(arguments: ["-1.0000000180025095e-35", "-1e-36", "0", "1e-36", "1.0000000180025095e-35"])
    func tinyValuesAreZero(threshold: String) throws {
        let text = Self.text.replacing("threshold=1.5", with: "threshold=\(threshold)")
        guard case .double(let ensemble) = try BoostedModel(Array(text.utf8)).ensemble else {
            Issue.record("LightGBM models are in double precision")
            return
        }
        let zeroMax = TreeEnsemble<Double>.zeroMax
        let zero = ensemble.leaves([0, 0, 0])
        #expect(zero[0] == (threshold.hasPrefix("-") ? 3 : 2))
        for tiny in [1e-36, zeroMax, .leastNonzeroMagnitude] {
            #expect(ensemble.leaves([tiny, 0, 0]) == zero)
            #expect(ensemble.leaves([-tiny, 0, 0]) == zero)
        }
        #expect(ensemble.leaves([zeroMax.nextUp, 0, 0])[0] == 3)
        #expect(ensemble.leaves([(-zeroMax).nextDown, 0, 0])[0] == 2)
    }

    struct Refusal: Sendable {
        let old: String
        let new: String
        let reason: String
    }

    static let refusals = [
        Refusal(old: "is_linear=0", new: "is_linear=1", reason: "linear leaves"),
        Refusal(old: "threshold=1.5 0 inf", new: "threshold=nan 0 inf", reason: "compares with NaN"),
        Refusal(old: "threshold=1.5 0 inf", new: "threshold=1.5 1 inf", reason: "category set that does not exist"),
        Refusal(old: "left_child=1 -1 -2", new: "left_child=0 -1 -2", reason: "reaches node 0 twice"),
        Refusal(old: "left_child=1 -1 -2", new: "left_child=1 -9 -2", reason: "refers to node 11"),
        Refusal(old: "split_feature=0 1 2", new: "split_feature=0 1 3", reason: "reads feature 3"),
        Refusal(old: "leaf_value=1 2 4 8", new: "leaf_value=1 2 4", reason: "3 numbers where 4 belong"),
        Refusal(
            old: "leaf_value=1 2 4 8",
            new: "leaf_value=1 2 x 8",
            reason: "line 17, \"leaf_value\": number 3 is \"x\"",
        ),
        Refusal(old: "leaf_value=1 2 4 8", new: "leaf_value=1 2 4 inf", reason: "finite value"),
        Refusal(old: "cat_boundaries=0 2", new: "cat_boundaries=0 9", reason: "where 9 belong"),
        Refusal(old: "objective=regression", new: "objective=surprise", reason: "not supported"),
        Refusal(old: "Tree=1", new: "Tree=2", reason: "out of order"),
        Refusal(old: "version=v4", new: "version=v9", reason: "v2, v3 or v4"),
        Refusal(old: "end of trees", new: "", reason: "ends before"),
        Refusal(old: "num_class=1", new: "num_class=1\nnum_class=1", reason: "appears twice"),
        Refusal(old: "decision_type=2 1 4", new: "decision_type=14 1 4", reason: "unknown kind of missing"),
    ]

    @Test(arguments: refusals) func refuses(_ row: Refusal) {
        let text = Self.text.replacing(row.old, with: row.new, maxReplacements: 1)
        let error = #expect(throws: IndelibleError.self) { try BoostedModel(Array(text.utf8)) }
        #expect(error?.message.contains(row.reason) == true, "\(error?.message ?? "")")
    }
}
