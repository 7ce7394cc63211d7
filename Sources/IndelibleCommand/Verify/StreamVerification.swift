import Cryptography
import IndelibleClient
import MerkleTree
import Primitives
import ServiceProtocol
import TransparencyLog
import VerifierCore

/// Verifies a whole log that a ledger streams: its entries must give the root of a checkpoint that the policy accepts.
struct StreamVerification {
    let client: LedgerClient
    let policy: TrustPolicy
    let audit: EntryAudit

    func run() async throws -> Result<VerifyReport, Finding> {
        let result = try await LiveCheckpoint.verified(by: self.policy, isLive: true) {
            try await self.client.checkpoint().note
        }
        guard case .success(let verdict) = result else { return result.map { VerifyReport($0) } }
        let checkpoint = verdict.checkpoint
        var frontier = Frontier()
        var audit = self.audit
        defer { Terminal.endProgress() }
        if let finding = try await self.read(
            checkpoint,
            { batch in
                frontier.append(contentsOf: batch.hasher.digests)
                try audit.take(batch.entries, of: batch.payload.span, hashes: batch.hasher.hashes)
                Terminal.progress("verified \(frontier.size) of \(checkpoint.size) entries")
                return nil
            },
        ) {
            return .failure(finding)
        }
        guard frontier.root() != checkpoint.root else {
            if let finding = audit.finding() { return .failure(finding) }
            return .success(VerifyReport(verdict, coverage: audit.coverage))
        }
        return .failure(try await self.firstWrong(checkpoint, root: frontier.root()))
    }

    /// Entries as the ledger sent them.
    private struct Batch {
        let payload: [UInt8]
        /// Where each entry stands in it.
        let entries: [Range<Int>]
        /// Has their leaf hashes.
        let hasher: LeafHasher
    }

    /// Hands over all entries with their leaf hashes, as computed from their bytes, batch by batch.
    ///
    /// - Returns: why it ended early: what `take` found, or an entry that the ledger does not give.
    private func read(
        _ checkpoint: Checkpoint,
        _ take: (Batch) async throws -> Finding?,
    ) async throws -> Finding? {
        guard checkpoint.size > 0 else { return nil }
        var next: UInt64 = 0
        do {
            var hasher = LeafHasher()
            for try await batch in self.client.readEntries(ReadEntriesRequest(to: checkpoint.size)) {
                let items = batch.view.items
                let count = items.indices.first { items[$0].index != next + UInt64($0) } ?? items.count
                let entries = items.prefix(count).map(\.entry)
                hasher.hash(entries, of: batch.payload.span)
                let read = Batch(payload: batch.payload, entries: entries, hasher: hasher)
                if count > 0, let finding = try await take(read) { return finding }
                next += UInt64(count)
                guard count == items.count else { return Finding(.entryMissing, index: next) }
            }
        } catch let error as IndelibleError where error.code == .dataLoss {
            let expected = try? await self.client.inclusionProof(index: next, size: checkpoint.size).leafHash.hex
            return Finding(.payloadAltered, index: next, expected: expected, found: error.message)
        }
        return next == checkpoint.size ? nil : Finding(.entryMissing, index: next, found: "the end of the log")
    }

    /// The ledger's own proofs lead from what it recorded to the root; an entry for which they do not is not the recorded one.
    private func firstWrong(_ checkpoint: Checkpoint, root: Digest) async throws -> Finding {
        var next: UInt64 = 0
        let finding = try await self.read(checkpoint) { batch in
            let leaves = batch.hasher.digests
            let range = next..<next + UInt64(leaves.count)
            next = range.upperBound
            let answer = try await self.client.rangeProof(range, size: checkpoint.size)
            let proof = RangeProof(
                first: range.lowerBound,
                end: range.upperBound,
                size: checkpoint.size,
                left: answer.left,
                right: answer.right,
            )
            guard !proof.verify(leafHashes: leaves, root: checkpoint.root) else { return nil }
            for (index, leaf) in zip(range, leaves) {
                let answer = try await self.client.inclusionProof(index: index, size: checkpoint.size)
                let proof = InclusionProof(index: index, size: checkpoint.size, hashes: answer.hashes)
                guard !proof.verify(leaf: leaf, root: checkpoint.root) else { continue }
                return Finding(.payloadAltered, index: index, expected: answer.leafHash.hex, found: leaf.hex)
            }
            return nil
        }
        return finding ?? Finding(.rootWrong, path: "checkpoint", expected: checkpoint.root.hex, found: root.hex)
    }
}
