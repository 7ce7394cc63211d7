import ArgumentParser
import AuditModel
import Glibc
import JSONText
import Platform
import Primitives
import ServiceKit
import Transport

/// Alerts: `indelible alert`.
struct AlertCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alert",
        abstract: "Try the ways in which alerts reach people.",
        subcommands: [AlertTestCommand.self],
    )
}

/// Sends one made-up alert: `indelible alert test`.
struct AlertTestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Send a test alert to each output, in the form that analyzers and verifiers send theirs.",
        discussion: """
            Takes the flags that indelible-analyzer and indelible-verifier take.
            Prints one JSON object a line: output, delivered, error. Exits with 0
            when every output took it, 1 when one did not.
            """,
    )

    @OptionGroup var alerts: AlertOptions

    @Option(name: .customLong("http-ca"), help: "Authorities that https:// servers must be signed by, PEM.")
    var authorities: String?

    func run() async throws {
        try await Outcome.report {
            // A command that does not read its alert must not end this one.
            signal(SIGPIPE, SIG_IGN)
            let outputs = try self.alerts.outputs(tls: try ClientTLS(authorities: self.authorities))
            guard !outputs.isEmpty else {
                throw IndelibleError(.invalidArgument, "Say where alerts go, such as --alert-command CMD.")
            }
            let time = TimeText.rfc3339(nanoseconds: SystemClock.wallNanoseconds)
            let message = AlertMessage(
                json: Array((#"{"kind":"test","time":"\#(time)"}"# + "\n").utf8),
                summary: "A test alert of indelible: nothing has happened.",
                labels: [("alertname", "IndelibleTest"), ("severity", "none")],
                startsAt: time,
            )
            var isComplete = true
            for output in outputs {
                var problem: String?
                do { try await output.deliver(message) } catch {
                    problem = (error as? IndelibleError)?.message ?? "\(error)"
                    isComplete = false
                }
                var writer = JSONWriter()
                writer.object { writer in
                    writer.member("output", output.name)
                    writer.member("delivered", problem == nil)
                    writer.key("error")
                    if let problem { writer.string(problem) } else { writer.null() }
                }
                Terminal.write(writer.text + "\n")
            }
            if !isComplete { throw Outcome.no }
        }
    }
}
