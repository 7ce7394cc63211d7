import BoostedTrees
import JSONText
import Primitives
import Testing

/// Goal: contributions sum to the margin, and Shapley values are what their definition says.
///
/// Method: worked by hand, the definition itself over all orders of features, and the training libraries' own values where
/// the vectors have them.
struct ExplainerTests {
    /// Feature 0 at 1.5, then feature 1; ten training rows, three of them on the left.
    static let text = """
        tree
        version=v4
        num_class=1
        num_tree_per_iteration=1
        max_feature_idx=2
        objective=regression

        Tree=0
        num_leaves=3
        num_cat=0
        split_feature=0 1
        threshold=1.5 0.5
        decision_type=2 2
        left_child=-1 -2
        right_child=1 -3
        leaf_value=1 2 12
        leaf_count=3 2 5
        internal_count=10 7

        end of trees

        """

    /// The mean of the right child's leaves: two rows of 2, five of 12.
    static let right = 64.0 / 7

    @Test func pathContributionsAreDifferencesOfMeans() throws {
        let explainer = try ModelExplainer(try BoostedModel(Array(Self.text.utf8)))
        let right = Self.right
        let base = (7 * right + 3) / 10
        #expect(explainer.contributions([1, 1, 0], .path) == [[1 - base, 0, 0, base]])
        #expect(explainer.contributions([2, 1, 0], .path) == [[right - base, 12 - right, 0, base]])
    }

    /// The mean over the orders in which features become known of what each adds.
    @Test(arguments: [[1, 1, 0], [2, 1, 0], [2, 0, 0], [1, 0, 9]] as [[Double]])
    func shapleyValuesFollowTheirDefinition(row: [Double]) throws {
        let explainer = try ModelExplainer(try BoostedModel(Array(Self.text.utf8)))
        /// The mean margin when only these features are known.
        func value(_ known: Set<Int>) -> Double {
            let second = row[1] <= 0.5 ? 2.0 : 12.0
            let right = known.contains(1) ? second : Self.right
            let left = 1.0
            return known.contains(0) ? (row[0] <= 1.5 ? left : right) : (3 * left + 7 * right) / 10
        }
        let first = (value([0]) - value([]) + value([0, 1]) - value([1])) / 2
        let second = (value([1]) - value([]) + value([0, 1]) - value([0])) / 2
        let found = explainer.contributions(row, .shap)[0]
        for (number, expected) in zip(found, [first, second, 0, value([])]) { #expect(abs(number - expected) < 1e-12) }
    }

    @Test func refusesModelsThatDoNotWeighTheirSplits() throws {
        let text = Self.text.replacing("internal_count=10 7\n", with: "")
        #expect(throws: IndelibleError.self) { try ModelExplainer(try BoostedModel(Array(text.utf8))) }
        let zero = Self.text.replacing("internal_count=10 7", with: "internal_count=0 7")
        #expect(throws: IndelibleError.self) { try ModelExplainer(try BoostedModel(Array(zero.utf8))) }
    }

    @Test(
        .enabled(if: SharedVectors.folder != nil, SharedVectors.absence),
        arguments: SharedVectors.names("xgb_") + SharedVectors.names("lgb_"),
    ) func sumsAreMargins(name: String) throws {
        let expected = try SharedVectors.Expectation(name)
        for file in expected.modelFiles {
            let model = try BoostedModel(try SharedVectors.bytes(file))
            guard let explainer = try? ModelExplainer(model) else { continue }
            for row in expected.rows {
                let values = row.map {
                    expected.isSingle ? Double(Float(bitPattern: UInt32($0))) : Double(bitPattern: $0)
                }
                var scorer = RowScorer(model)
                let margins: [Double] =
                    switch scorer.margins(values, rowCount: 1) {
                    case .single(let margins): margins.map(Double.init)
                    case .double(let margins): margins
                    }
                for method in ModelExplainer.Method.allCases {
                    let contributions = explainer.contributions(values, method)
                    for (margin, parts) in zip(margins, contributions) {
                        #expect(abs(parts.reduce(0, +) - margin) <= 1e-5 * max(1, abs(margin)), "\(file), \(method)")
                    }
                }
            }
        }
    }
}
