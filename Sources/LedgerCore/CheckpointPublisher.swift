package import Primitives
internal import Storage
internal import Synchronization
package import TransparencyLog

/// Signs the log's checkpoints, and makes each durable before anybody sees it, so that none ever contradicts another.
package final class CheckpointPublisher: Sendable {
    private let reader: LogReader
    private let file: CheckpointFile
    private let signer: NoteSigner
    private let origin: String
    private let state: Mutex<State>

    private struct State {
        var current: SignedCheckpoint?
        var failure: IndelibleError?
    }

    /// Takes up where the last process ended; signs nothing yet.
    ///
    /// - Parameters:
    ///   - log: Whose checkpoints these are.
    ///   - signer: Holds the log's key, whose name is the log's origin.
    /// - Throws: ``IndelibleError/Code/failedPrecondition`` for another log's key;
    ///   ``IndelibleError/Code/unauthenticated`` or ``IndelibleError/Code/dataLoss`` when the last checkpoint is not by
    ///   this key.
    package init(_ log: Log, signer: NoteSigner) throws(IndelibleError) {
        guard signer.name == log.identity.origin else {
            throw IndelibleError(
                .failedPrecondition,
                "The key is for \(signer.name), but the log is \(log.identity.origin). Use the log's own key.",
            )
        }
        self.reader = log.reader
        self.file = CheckpointFile(files: log.files)
        self.signer = signer
        self.origin = log.identity.origin
        let current = try self.file.read()
        if let current { _ = try current.note.verified(by: [signer.verifierKey]) }
        self.state = Mutex(State(current: current))
    }

    /// The checkpoint that everybody may see; `nil` before the first ``publish()``.
    package var current: SignedCheckpoint? { self.state.withLock { $0.current } }

    /// Signs the durable size, when it is larger than the last one signed or none was.
    ///
    /// - Returns: The new checkpoint; `nil` when there is nothing new.
    /// - Throws: What the disk throws; from then on every call throws, because it is not known which checkpoint the disk
    ///   holds. A restart finds out.
    package func publish() throws(IndelibleError) -> SignedCheckpoint? {
        try self.state.withLock { state throws(IndelibleError) in
            if let failure = state.failure { throw failure }
            let head = self.reader.head
            if let current = state.current?.checkpoint {
                precondition(head.size >= current.size, "a log never shrinks")
                guard head.size > current.size else { return nil }
            }
            let checkpoint = try Checkpoint(origin: self.origin, size: head.size, root: head.root)
            try self.replace(try SignedCheckpoint(checkpoint, signer: self.signer), &state)
            return state.current
        }
    }

    /// Adds witnesses' cosignatures to the current checkpoint.
    ///
    /// - Parameters:
    ///   - signatures: Verified by the caller.
    ///   - checkpoint: What they are over.
    /// - Returns: The checkpoint with them; `nil` when a newer one has replaced it.
    /// - Throws: As ``publish()``; ``IndelibleError/Code/resourceExhausted`` when the note is full.
    package func add(
        _ signatures: [NoteSignature],
        to checkpoint: Checkpoint,
    ) throws(IndelibleError) -> SignedCheckpoint? {
        try self.state.withLock { state throws(IndelibleError) in
            if let failure = state.failure { throw failure }
            guard var signed = state.current, signed.checkpoint == checkpoint else { return nil }
            for signature in signatures { try signed.add(signature) }
            try self.replace(signed, &state)
            return state.current
        }
    }

    private func replace(_ checkpoint: SignedCheckpoint, _ state: inout State) throws(IndelibleError) {
        do throws(IndelibleError) {
            try self.file.write(checkpoint)
        } catch {
            let failure = IndelibleError(
                .unavailable,
                """
                The log stopped signing because its disk failed: \(error.message) Repair the disk, then restart the ledger.
                """,
                cause: error,
            )
            state.failure = failure
            throw failure
        }
        state.current = checkpoint
    }
}
