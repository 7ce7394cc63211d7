import Primitives
import VerifierCore

/// What is kept beside the log.
extension LogWatch {
    /// The payload to look at next.
    ///
    /// - Returns: `nil` when all that verified entries name were looked at.
    func nextPayload() throws(IndelibleError) -> PayloadReference? {
        try self.payloads.due(below: self.follower.verifiedSize)
    }

    /// Judges the payload that came from ``nextPayload()``.
    ///
    /// - Parameter finding: what is wrong with it; `nil` when nothing is.
    func checked(_ payload: PayloadReference, _ finding: Finding?) throws(IndelibleError) {
        try self.note(finding.map { .wrong($0) } ?? .sound, of: payload)
    }

    /// There is no payload of the name that came from ``nextPayload()``.
    func missed(_ payload: PayloadReference) throws(IndelibleError) {
        try self.note(payload.missing(retainedFrom: self.checker.retainedFrom), of: payload)
    }

    private func note(_ outcome: PayloadList.Outcome, of payload: PayloadReference) throws(IndelibleError) {
        // It was put off meanwhile: the log is read again, or from where it was verified.
        guard try self.nextPayload() == payload else { return }
        if case .wrong(let finding) = outcome { self.report(finding) }
        // In this order: what the pass has gone over is not looked at again.
        try self.board.flush()
        try self.payloads.note(outcome)
        self.metrics.show(self.payloads)
    }
}
