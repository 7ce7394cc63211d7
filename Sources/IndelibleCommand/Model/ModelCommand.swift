import ArgumentParser

/// Looks into model files and scores rows with them: `indelible model`.
struct ModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Look into a model file, or score rows of your own with it.",
        discussion: """
            Takes models of XGBoost, as JSON or UBJSON, of LightGBM, as text, and
            tree ensembles in ONNX, and tells them apart by their content. No
            suite has to run.
            """,
        subcommands: [ModelInspectCommand.self, ModelScoreCommand.self, ModelTimeCommand.self],
    )
}
