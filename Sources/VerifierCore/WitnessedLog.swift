internal import AuditModel
internal import MerkleTree
package import Primitives
package import TransparencyLog

/// Decides what a witness says about one log; has no files and no clock.
///
/// A decision to persist must be carried out before anything else is asked: then ``persisted()`` or
/// ``persistingFailed()``. So comparing with the last checkpoint and replacing it are one step.
package struct WitnessedLog: Sendable {
    /// Seconds by which the clock may stand behind the last cosignature; beyond that the witness does not sign.
    package static let clockStepMax: UInt64 = 60

    package enum Decision: Equatable, Sendable {
        case reply(WitnessReply)
        /// Make `checkpoint` the last one, durably, and only then reply.
        case persist(checkpoint: [UInt8], then: WitnessReply)
        /// The log signed two histories: keep its checkpoint as proof of that, and reply.
        case keepEvidence(checkpoint: [UInt8], then: WitnessReply)
    }

    /// What the witness knows from reading the log itself, at the size of the checkpoint in question.
    package enum OwnView: Equatable, Sendable {
        /// It does not read this log.
        case none
        /// It has not read that far.
        case behind
        case root(Digest)
    }

    private enum Phase: Equatable {
        case ready
        case persisting(SignedCheckpoint)
        /// What is on the disk is not known.
        case stopped
    }

    package let origin: String
    private let keys: [VerifierKey]
    private let signer: NoteSigner
    private var phase = Phase.ready
    /// The last one cosigned, with the log's lines and ours only.
    package private(set) var last: SignedCheckpoint?

    /// Starts from what was last persisted.
    ///
    /// - Parameters:
    ///   - keys: The log's, all named after its origin; at least one.
    ///   - signer: A cosigner's key.
    ///   - stored: Bytes of a ``Decision/persist(checkpoint:then:)``, or `nil` for a log that was never cosigned.
    /// - Throws: ``IndelibleError/Code/dataLoss`` when `stored` is not such a checkpoint: the witness must not start
    ///   without its memory.
    package init(keys: [VerifierKey], signer: NoteSigner, stored: [UInt8]?) throws(IndelibleError) {
        precondition(!keys.isEmpty, "a log has a key")
        self.origin = keys[0].name
        self.keys = keys
        self.signer = signer
        guard let stored else { return }
        do throws(IndelibleError) {
            let last = try SignedCheckpoint(parsing: stored)
            _ = try last.note.verified(by: keys)
            guard last.checkpoint.origin.hasSameBytes(as: self.origin) else {
                throw IndelibleError(.dataLoss, "It is of \(last.checkpoint.origin).")
            }
            self.last = last
        } catch {
            throw IndelibleError(
                .dataLoss,
                "The stored checkpoint of \(self.origin) is damaged. Restore it from a copy; "
                    + "a witness without its memory could be made to sign two histories.",
                cause: error,
            )
        }
    }

    /// Size of the last checkpoint cosigned; 0 when there is none.
    package var size: UInt64 { self.last?.checkpoint.size ?? 0 }

    /// The checks of the specification, in its order, then our own.
    ///
    /// - Parameters:
    ///   - request: For this log's origin.
    ///   - now: Seconds since the Unix epoch.
    ///   - view: What reading the log itself gave at the checkpoint's size.
    /// - Returns: What to do.
    package mutating func add(_ request: WitnessRequest, at now: UInt64, view: OwnView = .none) -> Decision {
        guard case .ready = self.phase else {
            precondition(self.phase == .stopped, "the last decision must be carried out first")
            return .reply(.unavailable("The witness could not store a checkpoint and has stopped. Restart it."))
        }
        let checkpoint = request.checkpoint.checkpoint
        guard let signed = try? request.checkpoint.reduced(to: self.keys) else {
            return .reply(WitnessReply(403, "No valid signature by a known key of \(self.origin).\n"))
        }
        guard request.oldSize <= checkpoint.size else {
            return .reply(WitnessReply(400, "The old size is larger than the checkpoint's.\n"))
        }
        guard request.oldSize == self.size else { return .reply(.conflict(size: self.size)) }
        if checkpoint.size == 0, checkpoint.root != EmptyTree.root {
            let reply = WitnessReply.unverifiable("The root of an empty tree is SHA-256 of nothing.")
            return .keepEvidence(checkpoint: signed.bytes, then: reply)
        }
        if let last = self.last, last.checkpoint.size == checkpoint.size, last.checkpoint.root != checkpoint.root {
            let reply = WitnessReply.unverifiable("Another root was signed at this size before.")
            return .keepEvidence(checkpoint: signed.bytes, then: reply)
        }
        let proof = ConsistencyProof(oldSize: self.size, newSize: checkpoint.size, hashes: request.proof)
        let oldRoot = self.last?.checkpoint.root ?? EmptyTree.root
        guard proof.verify(oldRoot: oldRoot, newRoot: checkpoint.root) else {
            return .reply(.unverifiable("The proof does not lead from the last root to this one."))
        }
        switch view {
        case .behind:
            return .reply(.unavailable("The witness is still reading the log up to this size. Try again."))
        case .root(let root) where root != checkpoint.root:
            let reply = WitnessReply.unverifiable("The log's entries, as this witness read them, give another root.")
            return .keepEvidence(checkpoint: signed.bytes, then: reply)
        case .root, .none: break
        }
        return self.cosign(signed, at: now)
    }

    /// The checkpoint of ``Decision/persist(checkpoint:then:)`` is durable.
    package mutating func persisted() {
        guard case .persisting(let checkpoint) = self.phase else { preconditionFailure("nothing was to be persisted") }
        self.last = checkpoint
        self.phase = .ready
    }

    /// It may be durable or not, so nothing is said any more.
    package mutating func persistingFailed() { self.phase = .stopped }

    /// For `GET <origin hash>/checkpoint`.
    package var monitoringReply: WitnessReply {
        guard let last = self.last else {
            return WitnessReply(404, "No checkpoint of \(self.origin) was cosigned yet.\n")
        }
        return WitnessReply(200, last.note.serialized)
    }

    private mutating func cosign(_ signed: SignedCheckpoint, at now: UInt64) -> Decision {
        let before = self.lastTimestamp
        guard now + Self.clockStepMax >= before else {
            return .reply(.unavailable("The witness's clock stands behind its last signature. Set the clock."))
        }
        do throws(IndelibleError) {
            // Time never goes back from one cosignature to the next.
            let signature = try self.signer.cosign(signed.checkpoint, at: max(now, before))
            var cosigned = signed
            try cosigned.add(signature)
            self.phase = .persisting(cosigned)
            return .persist(checkpoint: cosigned.bytes, then: WitnessReply(200, signature.line))
        } catch {
            return .reply(.unavailable("The witness could not sign. \(error.message)"))
        }
    }

    /// What keeps it from signing: a clock that stands behind the last signature.
    ///
    /// - Parameter now: Seconds since the Unix epoch.
    package func clock(at now: UInt64) -> Finding? {
        let before = self.lastTimestamp
        guard now + Self.clockStepMax < before else { return nil }
        return Finding(
            .clock,
            index: self.size,
            path: self.signer.name,
            expected: "a clock not before \(TimeText.rfc3339(nanoseconds: before * 1_000_000_000))",
            found: "an earlier time; nothing is cosigned until then",
        )
    }

    /// 0 when there is no cosignature of ours.
    private var lastTimestamp: UInt64 {
        guard let last = self.last, let own = try? last.note.checked(by: [self.signer.verifierKey]).first else {
            return 0
        }
        return own.timestamp ?? 0
    }
}
