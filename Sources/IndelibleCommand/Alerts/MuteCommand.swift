import AnalyzerCore
import ArgumentParser
import AuditModel
import Foundation
import JSONText
import Platform
import Primitives
import ProtobufC

/// Keeps a kind of verdict from people for a time: `indelible mute`.
struct MuteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mute",
        abstract: "Record that alerts of a kind are not to be sent for a time.",
        discussion: """
            RULE is actor:ID, category:NAME, action:VERB, model:SHA-256 or rule:ID
            (of a Sigma rule). An entry of the log, with who, why and until when; verdicts are made and
            recorded all the same. A later mute of the same rule replaces it, so
            --hours 0 ends one. What verifiers find cannot be muted. Prints rule,
            expires and index as one JSON object.
            """,
    )

    private static let nanosecondsPerHour: UInt64 = 3600 * 1_000_000_000

    @Argument(help: "What is muted, such as category:discovery.")
    var rule: String

    @Option(help: "Why.")
    var reason: String

    @Option(help: "For how long, at most 2160.")
    var hours: UInt64

    @Option(help: "Who says so; without it the user of this machine.")
    var author: String?

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await Outcome.report {
            let now = SystemClock.wallNanoseconds
            guard self.hours <= MuteList.daysMax * 24 else {
                throw IndelibleError(.invalidArgument, "A mute ends within \(MuteList.daysMax) days.")
            }
            let record = MuteRecord(
                rule: self.rule,
                author: self.author ?? "user \(NSUserName())",
                reason: self.reason,
                expiresNanoseconds: now + self.hours * Self.nanosecondsPerHour,
            )
            var list = MuteList()
            if let problem = list.take(record, at: now) {
                throw IndelibleError(.invalidArgument, "\(problem).")
            }
            let index = try await RecordSubmission(kind: .mute, body: record.serialized).submit(through: self.client)
            var writer = JSONWriter()
            writer.object { writer in
                writer.member("rule", self.rule)
                writer.member("expires", TimeText.rfc3339(nanoseconds: record.expiresNanoseconds))
                writer.key("index")
                if let index { writer.integer(index) } else { writer.null() }
            }
            Terminal.write(writer.text + "\n")
        }
    }
}
