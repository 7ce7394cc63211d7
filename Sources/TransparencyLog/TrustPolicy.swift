package import Primitives

/// Whose word counts: the logs that are accepted, and the witnesses that must have cosigned (C2SP tlog-policy).
package struct TrustPolicy: Equatable, Sendable {
    package static let logCountMax = 64
    package static let witnessCountMax = 256
    package static let groupCountMax = 64
    /// Bytes of a policy file.
    package static let byteCountMax = 1 << 20

    package struct Log: Equatable, Sendable {
        package let key: VerifierKey
        package let url: String?
    }

    package struct Witness: Equatable, Sendable {
        /// What the policy calls it; not the name of its key.
        package let name: String
        package let key: VerifierKey
        package let url: String?
    }

    /// Witnesses and groups of which so many must agree.
    package struct Group: Equatable, Sendable {
        package let name: String
        package let threshold: Int
        package let members: [Member]
    }

    /// A witness or a group that stands further up in the file, by its position.
    package enum Member: Hashable, Sendable {
        case witness(Int)
        case group(Int)
    }

    /// What a checkpoint that passed was signed with.
    package struct Verdict: Equatable, Sendable {
        package let checkpoint: Checkpoint
        package let log: VerifierKey
        /// By known witnesses, in the order of the note's lines; maybe more than the quorum needs.
        package let cosignatures: [VerifiedSignature]
    }

    package let logs: [Log]
    package let witnesses: [Witness]
    package let groups: [Group]
    /// `nil` when the policy says `none`: the log's word is enough.
    package let quorum: Member?

    init(logs: [Log], witnesses: [Witness], groups: [Group], quorum: Member?) {
        self.logs = logs
        self.witnesses = witnesses
        self.groups = groups
        self.quorum = quorum
    }

    /// A policy that accepts one log on its own word.
    package init(log: VerifierKey) {
        self.init(logs: [Log(key: log, url: nil)], witnesses: [], groups: [], quorum: nil)
    }

    /// Verifies a signed checkpoint against the policy.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when it is no checkpoint;
    ///   ``IndelibleError/Code/unauthenticated`` when no listed log with its origin signed it, or the quorum is not
    ///   reached; ``IndelibleError/Code/dataLoss`` when a signature by a listed key does not verify.
    package func verify(_ note: SignedNote) throws(IndelibleError) -> Verdict {
        let signatures = try note.verified(by: self.logs.map(\.key) + self.witnesses.map(\.key))
        let checkpoint = try Checkpoint(parsing: note.text)
        let log = signatures.first { signature in
            signature.key.name.hasSameBytes(as: checkpoint.origin) && self.logs.contains { $0.key == signature.key }
        }
        guard let log else {
            throw IndelibleError(
                .unauthenticated,
                "No log of the policy with origin \(checkpoint.origin) signed the checkpoint. Check the policy's log lines.",
            )
        }
        let cosignatures = signatures.filter { signature in self.witnesses.contains { $0.key == signature.key } }
        guard self.quorum.map({ self.holds($0, given: cosignatures) }) ?? true else {
            throw IndelibleError(
                .unauthenticated,
                "The policy's quorum is not reached: \(cosignatures.count) of its \(self.witnesses.count) witnesses "
                    + "cosigned. Try again later, or ask the log's operator.",
            )
        }
        return Verdict(checkpoint: checkpoint, log: log.key, cosignatures: cosignatures)
    }

    /// Ends, because a group's members stand above it.
    private func holds(_ member: Member, given cosignatures: [VerifiedSignature]) -> Bool {
        switch member {
        case .witness(let position):
            return cosignatures.contains { $0.key == self.witnesses[position].key }
        case .group(let position):
            let group = self.groups[position]
            return group.members.filter { self.holds($0, given: cosignatures) }.count >= group.threshold
        }
    }
}
