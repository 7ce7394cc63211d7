import AuditModel
import LedgerCore
import Platform
import Primitives
import Storage
import TransparencyLog
import VerifierCore

/// What somebody learns about a damaged or forged log, from its real files.
struct Detection: Equatable, Sendable {
    let kind: String
    let index: Int?

    init(_ kind: String, _ index: Int?) {
        self.kind = kind
        self.index = index
    }
}

extension TamperScene {
    var key: VerifierKey { self.signer.verifierKey }

    /// What `indelible fsck` says first.
    func fsck(_ copy: TamperCopy) throws -> Detection? {
        var first: LogFinding?
        _ = try LogCheck(PosixFileSystem(root: copy.path), key: self.key).run { first = first ?? $0 }
        return first.map { Detection($0.kind.rawValue, $0.index.map(Int.init)) }
    }

    /// Why a ledger does not start, or does not sign, on that directory.
    func refusal(_ copy: TamperCopy, signer: NoteSigner? = nil) throws -> IndelibleError? {
        let files = try PosixFileSystem(root: copy.path)
        do throws(IndelibleError) {
            let log = try Log(on: files, configuration: self.smallJournal, salt: self.salt, now: 1)
            defer { log.close() }
            _ = try CheckpointPublisher(log, signer: signer ?? self.signer).publish()
            return nil
        } catch {
            return error
        }
    }

    /// What `indelible verify --tiles` says.
    func verify(_ copy: TamperCopy) throws -> Detection? {
        switch try TileDirectory(files: PosixFileSystem(root: copy.path)).verify(key: self.key) {
        case .verified: return nil
        case .finding(let finding): return Detection(finding)
        }
    }

    /// What the verifier that followed the log says of another one in its place: first of the checkpoint, then of entries.
    func remembered(_ copy: TamperCopy) throws -> (checkpoint: Detection?, entry: Detection?) {
        let memory = try TamperCopy(of: "verifier", in: self.directory, sharing: false)
        defer { try? memory.remove() }
        var follower = try LogFollower(
            key: self.key,
            files: PosixFileSystem(root: memory.path),
            directory: TestVerifier.memory,
        )
        let verifiedSize = follower.verifiedSize
        let log = try Log(
            on: PosixFileSystem(root: copy.path),
            configuration: self.smallJournal,
            salt: self.salt,
            now: 1,
        )
        defer { log.close() }
        while let run = try log.reader.entries(from: follower.next) {
            try follower.read(run.ranges, of: run.bytes.span, first: run.first)
        }
        var checkpoint: Detection?
        if case .finding(let finding) = try follower.check(copy.read("checkpoint")) { checkpoint = Detection(finding) }
        var next: UInt64 = 0
        while let run = try log.reader.entries(from: next, to: verifiedSize) {
            if let finding = try follower.reread(run.ranges, of: run.bytes.span, first: next) {
                return (checkpoint, Detection(finding))
            }
            next = run.end
        }
        return (checkpoint, nil)
    }

    /// What a verifier that never saw the log before, but knows the collector's key, says first.
    func seals(_ copy: TamperCopy) throws -> Detection? {
        let log = try Log(
            on: PosixFileSystem(root: copy.path),
            configuration: self.smallJournal,
            salt: self.salt,
            now: 1,
        )
        defer { log.close() }
        let leaves = try log.reader.leafHashes(0..<log.reader.size)
        var checker = SealChecker(collectors: [self.collector])
        var next: UInt64 = 0
        while let run = try log.reader.entries(from: next) {
            next = run.end
            for (position, entry) in run.entries.enumerated() {
                let finding = try checker.check(entry.span, at: run.first + UInt64(position)) { from, count in
                    (Int(from)..<Int(from) + count).map { Digest(leaves[$0 * 32..<$0 * 32 + 32]) ?? .zero }
                }
                if let finding { return Detection(finding) }
            }
        }
        return nil
    }

    /// Writes a whole new log with other entries: the attacker recomputes every hash.
    ///
    /// - Parameter signer: Whoever's key the attacker has; without one the old checkpoint stays.
    func forge(_ items: [Item], signer: NoteSigner?) throws -> TamperCopy {
        let copy = try TamperCopy(empty: self.directory)
        let files = try PosixFileSystem(root: copy.path)
        let log = try Log(on: files, configuration: self.smallJournal, salt: self.salt, now: 1)
        let id = ProducerID([7])
        for start in stride(from: 0, to: items.count, by: 600) {
            var bytes: [UInt8] = []
            var parts: [AppendBatch.Item] = []
            for item in items[start..<min(start + 600, items.count)] {
                let (offset, count) = (UInt32(bytes.count), UInt32(item.bytes.count))
                parts.append(.init(offset: offset, byteCount: count, kind: UInt32(item.kind.rawValue)))
                bytes += item.bytes
            }
            let producers = id.map { [AppendBatch.Producer(id: $0, epoch: 1, firstSequence: UInt64(start + 1))] } ?? []
            let batch = AppendBatch(producers: producers, items: parts)
            _ = try unsafe bytes.withUnsafeBytes { try unsafe log.stage.stage(batch, from: $0) }
            while try log.committer.commit(at: 2) != nil {}
            while try log.sealer.seal() {}
        }
        if let signer {
            _ = try CheckpointPublisher(log, signer: signer).publish()
        } else {
            try copy.write(self.directory.read("ledger/checkpoint") ?? [], to: "checkpoint")
        }
        log.close()
        return copy
    }

    /// Journals of cases are small, so that hundreds are made in seconds.
    private var smallJournal: LogConfiguration {
        var configuration = LogConfiguration(origin: TestLedger.origin)
        configuration.segmentEntryCount = Self.segmentEntryCount
        configuration.journalFileByteCount = 1 << 18
        return configuration
    }
}

extension Detection {
    init(_ finding: Finding) { self.init(finding.kind.rawValue, finding.index.map(Int.init)) }
}
