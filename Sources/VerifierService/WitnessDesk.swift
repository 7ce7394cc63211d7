import Primitives
import TransparencyLog
package import VerifierCore

/// Answers requests for cosignatures one at a time, so that comparing and persisting stay one step.
package actor WitnessDesk {
    private var witness: Witness

    package init(_ witness: sending Witness) { self.witness = witness }

    func add(_ request: WitnessRequest, at seconds: UInt64, view: WitnessedLog.OwnView) -> WitnessReply {
        self.witness.add(request, at: seconds, view: view)
    }

    func checkpoint(originHash: String) -> WitnessReply { self.witness.checkpoint(originHash: originHash) }

    /// By origin, whether the clock stands too far behind the last signature to sign.
    func clock(at seconds: UInt64) -> [(origin: String, findings: [Finding])] { self.witness.clock(at: seconds) }
}
