import Primitives
import TransparencyLog
import VerifierCore

/// The current checkpoint of a log, and whether a policy accepts it.
enum LiveCheckpoint {
    /// A new checkpoint needs a moment until its witnesses have cosigned it.
    private static let attemptCountMax = 15
    private static let retry = Duration.milliseconds(200)

    /// - Parameters:
    ///   - policy: Whose word counts.
    ///   - isLive: Whether asking again may help.
    ///   - read: The signed note as it is now; `nil` when there is none.
    static func verified(
        by policy: TrustPolicy,
        isLive: Bool,
        _ read: () async throws -> [UInt8]?,
    ) async throws -> Result<TrustPolicy.Verdict, Finding> {
        var attempt = 1
        while true {
            guard let note = try await read() else {
                return .failure(Finding(.checkpointInvalid, path: "checkpoint", found: "no such file"))
            }
            do throws(IndelibleError) {
                return .success(try policy.verify(try SignedNote(parsing: note)))
            } catch {
                let mayCome = isLive && policy.quorum != nil && error.code == .unauthenticated
                guard mayCome, attempt < Self.attemptCountMax else {
                    let expected = "a signature that the policy trusts"
                    return .failure(
                        Finding(.checkpointInvalid, path: "checkpoint", expected: expected, found: error.message)
                    )
                }
            }
            attempt += 1
            try await Task.sleep(for: Self.retry)
        }
    }
}
