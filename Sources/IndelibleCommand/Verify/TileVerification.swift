import Primitives
import TransparencyLog
import VerifierCore

/// Verifies a whole log that is served or stored as tiles.
struct TileVerification {
    /// Saying how far it came costs more than reading a file.
    private static let bundlesBetweenProgress: UInt64 = 256

    let source: TileSource
    let policy: TrustPolicy
    let audit: EntryAudit

    func run() async throws -> Result<VerifyReport, Finding> {
        let result = try await LiveCheckpoint.verified(by: self.policy, isLive: self.source.isLive) {
            try await self.source.read("checkpoint")
        }
        guard case .success(let verdict) = result else { return result.map { VerifyReport($0) } }
        var verifier = TileVerifier(checkpoint: verdict.checkpoint, audit: self.audit)
        var buffer: [UInt8] = []
        defer { Terminal.endProgress() }
        while case .read(let path) = verifier.step {
            do {
                if let count = try await self.source.read(path.description, into: &buffer) {
                    try verifier.supply(&buffer, byteCount: count)
                } else {
                    verifier.supplyNothing()
                }
            } catch let error as IndelibleError where error.code == .dataLoss {
                return .failure(try await self.damaged(path, error))
            }
            // Of two files for each 256 entries.
            guard path.content == .entries, path.index % Self.bundlesBetweenProgress == 0 else { continue }
            Terminal.progress("verified \(verifier.entryCount) of \(verdict.checkpoint.size) entries")
        }
        if case .finding(let finding) = verifier.step { return .failure(finding) }
        return .success(VerifyReport(verdict, coverage: verifier.coverage))
    }

    /// Which entry keeps a log from serving a file: the smallest partial bundle that it cannot serve either ends with it.
    private func damaged(_ path: TilePath, _ error: IndelibleError) async throws -> Finding {
        guard let entries = path.entries, path.content == .entries else {
            return Finding(.tileWrong, index: path.entries?.lowerBound, path: path.description, found: error.message)
        }
        var (good, bad) = (0, path.width)
        while bad - good > 1 {
            let middle = (good + bad) / 2
            guard let part = TilePath(.entries, index: path.index, width: middle) else { break }
            do {
                guard try await self.source.read(part.description) != nil else { break }
                good = middle
            } catch let error as IndelibleError where error.code == .dataLoss { bad = middle }
        }
        let index = entries.lowerBound + UInt64(good)
        return Finding(
            .payloadAltered,
            index: index,
            path: path.description,
            expected: await self.recorded(good, path),
            found: error.message,
        )
    }

    /// The leaf hash that the log's own tile has for an entry.
    private func recorded(_ position: Int, _ bundle: TilePath) async -> String? {
        guard let tile = TilePath(.hashes(level: 0), index: bundle.index, width: bundle.width),
            let bytes = try? await self.source.read(tile.description),
            bytes.count >= (position + 1) * Digest.byteCount
        else { return nil }
        return Digest(bytes[position * Digest.byteCount..<(position + 1) * Digest.byteCount])?.hex
    }
}
