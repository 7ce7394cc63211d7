import ArgumentParser
import Primitives

/// The exit codes of the command line: 0 yes, 1 no, 2 bad usage or input, 3 could not reach or finish.
enum Outcome {
    static let no = ExitCode(1)
    static let badInput = ExitCode(2)
    static let unfinished = ExitCode(3)

    /// Runs a command's work; an error goes to standard error as one sentence and becomes the exit code.
    static func report(_ work: () async throws -> Void) async throws {
        do {
            try await work()
        } catch let error as IndelibleError {
            Terminal.note("indelible: \(error.message)")
            if let cause = error.cause { Terminal.note("  because: \(cause)") }
            throw Self.code(of: error)
        }
    }

    static func code(of error: IndelibleError) -> ExitCode {
        switch error.code {
        case .notFound, .dataLoss, .alreadyExists: Self.no
        case .invalidArgument, .outOfRange, .failedPrecondition, .unimplemented: Self.badInput
        default: Self.unfinished
        }
    }
}
