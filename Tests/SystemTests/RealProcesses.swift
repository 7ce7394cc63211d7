import Foundation
import Testing

/// Real processes, real sockets, real disks, foreign tools.
///
/// One after the other: each test wants the whole machine.
@Suite(.serialized, .timeLimit(.minutes(10))) enum RealProcesses {}

/// What the machine must have for a test.
///
/// Where it is missing the test is skipped and says so; in CI it fails.
enum Tool {
    static func isHere(_ name: String) -> Bool {
        if Environment["CI"] == "true" { return true }
        return (Environment["PATH"] ?? "").split(separator: ":").contains { folder in
            FileManager.default.isExecutableFile(atPath: "\(folder)/\(name)")
        }
    }
}

/// Variables of the test process's environment.
enum Environment {
    static subscript(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }

    static func number(_ name: String, otherwise: Int) -> Int { Self[name].flatMap { Int($0) } ?? otherwise }
}

/// Why a test cannot go on.
struct Unexpected: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Asks again and again, a few milliseconds apart, until there is an answer.
///
/// - Throws: ``Unexpected`` when there is none in time.
func eventually<Answer>(
    _ what: String,
    seconds: Int = 60,
    _ ask: () async throws -> Answer?,
) async throws -> Answer {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while true {
        if let answer = try await ask() { return answer }
        guard ContinuousClock.now < deadline else { throw Unexpected("\(what): not within \(seconds) s") }
        await after(microseconds: 5_000)
    }
}

/// Goes on a little later, without a thread that waits.
func after(microseconds: Int) async {
    await withCheckedContinuation { continuation in
        DispatchQueue.global().asyncAfter(deadline: .now() + .microseconds(microseconds)) { continuation.resume() }
    }
}
