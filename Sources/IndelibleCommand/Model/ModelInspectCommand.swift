import ArgumentParser
import BoostedTrees

/// Says what a model file holds: `indelible model inspect`.
struct ModelInspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what a model file holds.",
        discussion: """
            With --json one object: format (xgboost-json, xgboost-ubjson,
            lightgbm-text or onnx), objective, arithmetic (float32 or float64), features,
            classes, trees, nodes, leaves, depth_max, leaves_max, category_sets,
            feature_names, base_margins, base_margin_bits (8 hex digits for
            float32, 16 for float64), file_sha256, form_sha256 (equal for files
            that decide and sum alike) and attributes.

            Exit code 2 when the file cannot be loaded.
            """,
    )

    @Argument(help: "Model file: XGBoost JSON or UBJSON, LightGBM text, or ONNX.")
    var model: String

    @Flag(help: "One JSON object.")
    var json = false

    func run() async throws {
        try await Outcome.report {
            let summary = ModelSummary(try ModelSource.load(self.model))
            Terminal.write(self.json ? summary.json : summary.text)
        }
    }
}
