import ArgumentParser

/// Looks into model files and scores rows with them: `indelible model`.
struct ModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Look into a model file, score rows of your own with it, or change the model that judges.",
        discussion: """
            Takes models of XGBoost, as JSON or UBJSON, of LightGBM, as text, and
            tree ensembles in ONNX, and tells them apart by their content; for
            inspect, score and time no suite has to run.

            A model changes in four steps, each an entry that the operator signs:
            register, shadow (it judges beside the one in force), promote, and
            retire for one that is not to be. compare says what promoting would
            change, list which judge now.
            """,
        subcommands: [
            ModelInspectCommand.self, ModelScoreCommand.self, ModelTimeCommand.self, ModelListCommand.self,
            ModelRegisterCommand.self, ModelShadowCommand.self, ModelCompareCommand.self, ModelPromoteCommand.self,
            ModelRetireCommand.self,
        ],
    )
}
