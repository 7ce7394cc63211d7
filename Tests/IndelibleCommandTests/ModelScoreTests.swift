import BoostedTrees
import IndelibleCommand
import Primitives
import Testing

/// Goal: scripts can rely on what `indelible model` prints, and on what it says about rows that it cannot read.
///
/// Method: whole lines, for two models of a few nodes whose margins are worked out by hand.
struct ModelScoreTests {
    /// Two classes that start at 0.25.
    ///
    /// The first gets -1.25 for an age below 30 or missing, else 0.1; the second always gets 0.5.
    private static let xgboost = """
        {"learner": {"attributes": {"made.by": "hand"}, "feature_names": ["age", "size, in m"], "feature_types": ["q", "q"],
          "gradient_booster": {"name": "gbtree", "model": {"gbtree_model_param": {"num_parallel_tree": "1", "num_trees": "2"},
            "tree_info": [0, 1], "trees": [
              {"default_left": [1, 0, 0], "left_children": [1, -1, -1], "right_children": [2, -1, -1],
               "split_conditions": [30, -1.25, 0.1], "split_indices": [0, 0, 0], "split_type": [0, 0, 0],
               "tree_param": {"num_nodes": "3", "size_leaf_vector": "1"}},
              {"default_left": [0], "left_children": [-1], "right_children": [-1],
               "split_conditions": [0.5], "split_indices": [0], "split_type": [0],
               "tree_param": {"num_nodes": "1", "size_leaf_vector": "1"}}]}},
          "learner_model_param": {"base_score": "2.5E-1", "num_class": "2", "num_feature": "2", "num_target": "1"},
          "objective": {"name": "multi:softprob"}}, "version": [3, 2, 0]}
        """

    private static let lightGBM = """
        tree
        version=v4
        num_class=1
        num_tree_per_iteration=1
        max_feature_idx=1
        objective=regression
        feature_names=Column_0 Column_1

        Tree=0
        num_leaves=2
        num_cat=0
        split_feature=1
        threshold=1.5
        decision_type=10
        left_child=-1
        right_child=-2
        leaf_value=0.1 1e300

        end of trees

        """

    private static func score(
        _ model: String,
        _ rows: String,
        header: RowScoring.Header = .auto,
        line: (ScoredRow) -> String = \.json,
    ) throws -> String {
        var scoring = RowScoring(model: try BoostedModel(Array(model.utf8)), file: "rows.csv", header: header)
        var lines = ""
        try scoring.read(Array(rows.utf8)[...]) { lines += line($0) }
        try scoring.finish { lines += line($0) }
        return lines
    }

    private static let single = """
        {"row":0,"margins":[-1.0,0.75],"margin_bits":["bf800000","3f400000"]}
        {"row":1,"margins":[0.35,0.75],"margin_bits":["3eb33333","3f400000"]}
        {"row":2,"margins":[-1.0,0.75],"margin_bits":["bf800000","3f400000"]}

        """

    @Test(arguments: [
        "29.999,1\n30,2\n,3\n", "age,\"size, in m\"\n29.999,1\n30,2\n,3\n",
        "id,\"size, in m\",age\nx,1,29.999\ny,2,30\nz,3,nan\n", "\u{feff}1.0,7\r\n30,\r\n,",
    ]) func linesOfXGBoost(rows: String) throws {
        #expect(try Self.score(Self.xgboost, rows) == Self.single)
    }

    @Test func linesOfLightGBM() throws {
        let expected = """
            {"row":0,"margins":[0.1],"margin_bits":["3dcccccd"],"margin_bits64":["3fb999999999999a"]}
            {"row":1,"margins":[1e+300],"margin_bits":["7f800000"],"margin_bits64":["7e37e43c8800759c"]}

            """
        #expect(try Self.score(Self.lightGBM, "0,1.5\n0,inf\n") == expected)
        // Nobody named its features, so a header of other names only counts them.
        #expect(try Self.score(Self.lightGBM, "a,b\n0,1.5\n0,2\n") == expected)
        #expect(try Self.score(Self.lightGBM, "Column_1,Column_0\n,9\n2,0\n") == expected)
    }

    @Test func linesForPeople() throws {
        #expect(try Self.score(Self.xgboost, "30,1\n", line: \.text) == "0\t0.35\t3eb33333\t0.75\t3f400000\n")
    }

    @Test func aRowOfNamesMayBeNumbers() throws {
        let named = Self.lightGBM.replacing("Column_0 Column_1", with: "1 0")
        #expect(try Self.score(named, "0,1\n9,0\n").split(separator: "\n").count == 1)
        #expect(try Self.score(named, "0,1\n9,0\n", header: .no).split(separator: "\n").count == 2)
        #expect(try Self.score(Self.lightGBM, "0,1\n9,0\n", header: .yes).split(separator: "\n").count == 1)
    }

    struct Refusal: Sendable {
        let rows: String
        let message: String
    }

    static let refusals = [
        Refusal(
            rows: "1,2\n3,x\n",
            message: "rows.csv, line 2, column 2: \"x\" is no number; leave a missing value empty.",
        ),
        Refusal(rows: "1,2\n\n3\n", message: "rows.csv, line 3: the row has 1 cells where 2 belong."),
        Refusal(
            rows: "inf,2\n",
            message: "rows.csv, line 1, column 1: inf is beyond binary32, which XGBoost refuses.",
        ),
        Refusal(
            rows: "age,1e39\n",
            message: "rows.csv, line 1: no column is named \"size, in m\", which the model reads. "
                + "Name every feature, or leave the header out.",
        ),
        Refusal(rows: "age,age\n", message: "rows.csv, line 1, column 2: a second column is named \"age\"."),
        Refusal(rows: "1,\"2", message: "rows.csv, line 1, column 2: the quotes of this cell are never closed."),
    ]

    @Test(arguments: Self.refusals) func saysWhereARowIsBroken(_ refusal: Refusal) {
        let error = #expect(throws: IndelibleError.self) { try Self.score(Self.xgboost, refusal.rows) }
        #expect(error?.message == refusal.message)
        #expect(error?.code == .invalidArgument)
    }

    @Test func countsTheColumnsOfAModelWithoutNames() {
        let error = #expect(throws: IndelibleError.self) { try Self.score(Self.lightGBM, "a,b,c\n1,2,3\n") }
        #expect(error?.message.contains("names 3 columns for 2 features") == true)
    }

    /// Rows are given out as batches fill, and those above a broken one at once.
    @Test func holdsABatchAndNoMore() throws {
        var scoring = RowScoring(model: try BoostedModel(Array(Self.xgboost.utf8)), file: "rows.csv")
        var numbers: [Int] = []
        let row = Array("1,2\n".utf8)
        for count in 1...3 * RowScoring.batchRowCountMax {
            try scoring.read(row[...]) { numbers.append($0.number) }
            #expect(numbers.count == count / RowScoring.batchRowCountMax * RowScoring.batchRowCountMax)
        }
        let good = numbers.count
        try scoring.read(row[...]) { numbers.append($0.number) }
        #expect(throws: IndelibleError.self) {
            try scoring.read(Array("1,x\n".utf8)[...]) { numbers.append($0.number) }
        }
        #expect(numbers == Array(0...good))
    }

    @Test func summaries() throws {
        let single = ModelSummary(try BoostedModel(Array(Self.xgboost.utf8)))
        let prefix =
            #"{"format":"xgboost-json","objective":"multi:softprob","arithmetic":"float32","features":2,"classes":2,"#
            + #""trees":2,"nodes":4,"leaves":3,"depth_max":1,"leaves_max":2,"category_sets":0,"#
            + #""feature_names":["age","size, in m"],"base_margins":[0.25,0.25],"#
            + #""base_margin_bits":["3e800000","3e800000"],"file_sha256":""#
        #expect(single.json.hasPrefix(prefix), "\(single.json)")
        #expect(single.json.hasSuffix(#"","attributes":{"made.by":"hand"}}"# + "\n"))
        let double = ModelSummary(try BoostedModel(Array(Self.lightGBM.utf8)))
        #expect(double.json.contains(#""base_margins":[0.0],"base_margin_bits":["0000000000000000"]"#))
        #expect(
            double.text.hasPrefix(
                "lightgbm-text, regression, sums in float64\n  trees      1, 2 leaves, at most 2 a tree"
            )
        )
    }
}
