package import BoostedTrees
package import Primitives

/// Which column of a table each feature of a model is read from.
package struct FeatureColumns: Equatable, Sendable {
    /// By feature: the column, from 0.
    package let columns: [Int]
    /// Cells that each row must have.
    package let columnCount: Int
    /// Names of columns that the model has no feature for.
    package let ignored: [String]

    /// The columns in the model's order.
    package init(count: Int) { self.init(columns: Array(0..<count), columnCount: count, ignored: []) }

    private init(columns: [Int], columnCount: Int, ignored: [String]) {
        self.columns = columns
        self.columnCount = columnCount
        self.ignored = ignored
    }

    /// Columns by the names in a header; by position when the model has no names of its own.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` for a feature without a column, or with two.
    package init(header names: [String], model: BoostedModel, file: String, line: Int) throws(IndelibleError) {
        guard Self.hasNames(model) || model.featureNames.contains(where: names.contains) else {
            guard names.count == model.featureCount else {
                throw IndelibleError(
                    .invalidArgument,
                    "\(file), line \(line): the header names \(names.count) columns for \(model.featureCount) features. "
                        + "The model has no feature names, so give exactly its columns, in its order.",
                )
            }
            self.init(count: names.count)
            return
        }
        var found: [String: Int] = [:]
        let wanted = Set(model.featureNames)
        var ignored: [String] = []
        for (column, name) in names.enumerated() {
            guard wanted.contains(name) else {
                ignored.append(name)
                continue
            }
            guard found.updateValue(column, forKey: name) == nil else {
                throw .cell(file, line: line, column: column + 1, "a second column is named \"\(name)\"")
            }
        }
        var columns: [Int] = []
        for name in model.featureNames {
            guard let column = found[name] else {
                throw IndelibleError(
                    .invalidArgument,
                    "\(file), line \(line): no column is named \"\(name)\", which the model reads. "
                        + "Name every feature, or leave the header out.",
                )
            }
            columns.append(column)
        }
        self.init(columns: columns, columnCount: names.count, ignored: ignored)
    }

    /// Whether somebody named the features: `Column_0`, `Column_1`, … is what LightGBM writes when nobody did.
    private static func hasNames(_ model: BoostedModel) -> Bool {
        !model.featureNames.enumerated().allSatisfy { $0.element == "Column_\($0.offset)" }
    }
}
