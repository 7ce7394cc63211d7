import AnalyzerCore
import ArgumentParser
import AuditModel
import IndelibleClient
import JSONText
import Primitives

/// Says which features led to a verdict: `indelible verdict explain`.
struct VerdictExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say how much each feature moved a verdict's margin.",
        discussion: """
            Exact Shapley values (TreeSHAP) of the recorded feature vector: they
            and the base, the mean margin of the training rows, sum to the margin.

            INDEX is an event's, or that of an entry of verdicts: then all of its
            verdicts are explained. With --json one object a line: event_index,
            severity, margin, base, features (those that moved the margin, the
            strongest first: name, value, contribution), model, entry_index.

            With --rule-set: the rules that the event made true, with their text
            from the log.

            Exit codes: 0 explained; 1 there is no verdict; 2 the verdict is of
            another model than the file given; 3 not reachable.
            """,
    )

    /// Features shown to people.
    private static let shownMax = 12

    @OptionGroup var options: VerdictOptions

    func run() async throws {
        try await Outcome.report {
            if let (recorded, history, ledger) = try await self.options.findRules() {
                await ledger.close()
                let set = try history.set(recorded.batch.modelHash)
                return try RuleExplanation(recorded, set, isJSON: self.options.json).write()
            }
            let (model, recorded, ledger) = try await self.options.find()
            await ledger.close()
            guard recorded.batch.modelHash == model.hash else {
                throw IndelibleError(
                    .failedPrecondition,
                    "These verdicts are of the model with SHA-256 \(recorded.batch.modelHash.hex), "
                        + "not of \(model.hash.hex). Give its file with --model.",
                )
            }
            for verdict in recorded.verdicts { try self.explain(verdict, recorded, model) }
        }
    }

    private func explain(
        _ verdict: Verdict,
        _ recorded: RecordedVerdicts,
        _ model: AnalyzerModel,
    ) throws(IndelibleError) {
        guard !verdict.features.isEmpty else {
            return Terminal.note("indelible: event \(verdict.eventIndex) could not be read, so it has no features")
        }
        let values = try model.shapleyValues(verdict.features)
        let moved = values.dropLast().enumerated().filter { $0.element != 0 }
            .sorted { ($1.element.magnitude, $0.offset) < ($0.element.magnitude, $1.offset) }
        let base = values.last ?? 0
        guard self.options.json else {
            var text =
                "event \(verdict.eventIndex): \(verdict.severity), margin \(verdict.margins.first ?? 0), base \(base)\n"
            for (feature, contribution) in moved.prefix(Self.shownMax) {
                text += "  \(contribution)\t\(model.schema.names[feature]) = \(verdict.features[feature])\n"
            }
            return Terminal.write(text)
        }
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("event_index", verdict.eventIndex)
            writer.member("severity", verdict.severity)
            writer.key("margin")
            writer.number(verdict.margins.first ?? 0)
            writer.key("base")
            writer.number(base)
            writer.key("features")
            writer.array { writer in
                for (feature, contribution) in moved {
                    writer.object { writer in
                        writer.member("name", model.schema.names[feature])
                        writer.member("value", verdict.features[feature])
                        writer.key("contribution")
                        writer.number(contribution)
                    }
                }
            }
            writer.member("model", recorded.batch.modelHash.hex)
            writer.member("entry_index", recorded.entryIndex)
        }
        Terminal.write(writer.text + "\n")
    }
}
