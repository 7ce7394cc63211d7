package import Primitives

/// Says how much each feature moved the margins of a row, for any model.
package struct ModelExplainer: Sendable {
    package enum Method: String, CaseIterable, Sendable {
        /// What each split on the row's way added: cheap, and on every alert.
        case path
        /// Shapley values by TreeSHAP: fair between features, and what XGBoost and LightGBM call `pred_contrib`.
        case shap
    }

    /// Splits above each other that are explained: work and memory grow with the square.
    package static let depthMax = 256

    private enum Explainer: Sendable {
        case single(TreeExplainer<Float>)
        case double(TreeExplainer<Double>)
    }

    private let explainer: Explainer

    /// - Throws: ``IndelibleError/Code/invalidArgument`` when the file does not say how many training rows met each node, or
    ///   a tree is deeper than ``depthMax``.
    package init(_ model: BoostedModel) throws(IndelibleError) {
        switch model.ensemble {
        case .single(let ensemble): self.explainer = .single(try TreeExplainer(ensemble))
        case .double(let ensemble): self.explainer = .double(try TreeExplainer(ensemble))
        }
    }

    /// For each group a number per feature, and last what every row starts from; they sum to the margin, up to rounding.
    ///
    /// - Precondition: `row` has a value per feature, NaN for a missing one.
    package func contributions(_ row: [Double], _ method: Method) -> [[Double]] {
        switch (self.explainer, method) {
        case (.single(let explainer), .path): explainer.pathContributions(row.map { Float($0) })
        case (.single(let explainer), .shap): explainer.shapleyValues(row.map { Float($0) })
        case (.double(let explainer), .path): explainer.pathContributions(row)
        case (.double(let explainer), .shap): explainer.shapleyValues(row)
        }
    }
}
