import LedgerCore
import MerkleTree
import Primitives
import Simulation
import Testing
import TransparencyLog

/// A log at work on a disk with one fault in store, and what it promised until then.
struct CrashRun {
    let disk: SimulatedDisk
    private var random: SplitMix64
    /// Every batch that got indexes, in order, with its first index.
    private var staged: [(batch: TestBatch, first: UInt64)] = []
    private var durableSize: UInt64 = 0
    private var published: [Checkpoint] = []
    private var nextSequence: [UInt64] = [1, 1, 1]

    init(_ plan: SimulatedDisk.FaultPlan?, seed: UInt64) {
        self.disk = SimulatedDisk(plan, seed: seed)
        self.random = SplitMix64(seed: seed ^ 0x5eed)
    }

    // MARK: Work

    /// Appends, repeats, seals, signs and restarts, until everything is done or the disk is not willing any more.
    mutating func work(steps: Int) {
        do throws(IndelibleError) {
            var log = try Log.small(on: self.disk)
            var publisher = try CheckpointPublisher(log, signer: Log.signer())
            for _ in 0..<steps {
                switch self.random.next() % 16 {
                case 0..<8: try self.append(to: log)
                case 8: try self.repeatBatch(to: log)
                case 9..<12: try self.seal(log)
                case 12: try log.sealer.prepare()
                case 13:
                    log.close()
                    log = try Log.small(on: self.disk)
                    publisher = try CheckpointPublisher(log, signer: Log.signer())
                default: if let signed = try publisher.publish() { self.published.append(signed.checkpoint) }
                }
            }
        } catch {
            // The disk failed, or the power did; what counts is what was promised before.
        }
    }

    private mutating func append(to log: Log) throws(IndelibleError) {
        for _ in 0...self.random.next() % 2 {
            let producer = UInt8(self.random.next() % 3)
            let count = Int(self.random.next() % 6) + 1
            let batch = TestBatch(
                producer: producer,
                firstSequence: self.nextSequence[Int(producer)],
                count: count,
                byteCountMax: self.random.oneIn(8) ? 3_000 : 300,
            )
            guard case .staged(let first, _) = try log.stage(batch) else { continue }
            self.nextSequence[Int(producer)] += UInt64(count)
            self.staged.append((batch, first))
        }
        try self.commit(log)
    }

    private mutating func commit(_ log: Log) throws(IndelibleError) {
        while let result = try log.committer.commit(at: 5_000) { self.durableSize = result.size }
    }

    private mutating func repeatBatch(to log: Log) throws(IndelibleError) {
        guard self.staged.isEmpty == false else { return }
        let (batch, first) = self.staged[Int(self.random.next() % UInt64(self.staged.count))]
        let outcome = try log.stage(batch)
        #expect(outcome == .known(first: first, size: first + UInt64(batch.count)))
    }

    private mutating func seal(_ log: Log) throws(IndelibleError) {
        _ = try log.sealer.seal()
        if self.random.oneIn(3) { try log.sealer.trim() }
    }

    // MARK: Promises

    /// Opens what is left and checks every promise, then goes on working with it and checks again.
    mutating func checkPromises(_ context: String) throws {
        var log = try Log.small(on: self.disk)
        let entries = try log.allEntries()
        let all = self.staged.flatMap(\.batch.entries)
        #expect(UInt64(entries.count) >= self.durableSize, "acknowledged entries are gone: \(context)")
        #expect(entries.count <= all.count && entries == Array(all.prefix(entries.count)), "wrong entries: \(context)")
        try self.checkTree(log, entries, context)

        // Whoever has no answer sends again; whoever has one may do so too.
        for (batch, first) in self.staged {
            let end = first + UInt64(batch.count)
            let outcome = try Self.patiently(log, batch)
            if end <= entries.count {
                #expect(outcome == .known(first: first, size: end), "a repeat is not recognised: \(context)")
            } else {
                #expect(outcome == .staged(first: first, count: batch.count), "a new batch is refused: \(context)")
            }
        }
        while try log.committer.commit(at: 6_000) != nil {}
        #expect(try log.allEntries() == all, "after sending again: \(context)")
        try log.sealAll()
        #expect(try log.allEntries() == all, "after sealing: \(context)")
        let publisher = try CheckpointPublisher(log, signer: Log.signer())
        if let signed = try publisher.publish() { self.published.append(signed.checkpoint) }
        log.close()
        self.disk.powerCut()
        self.disk.restart()
        log = try Log.small(on: self.disk)
        #expect(try log.allEntries() == all, "after another power cut: \(context)")
        self.durableSize = UInt64(all.count)
        try self.checkTree(log, all, context)
        log.close()
    }

    private static func patiently(_ log: Log, _ batch: TestBatch) throws -> StageOutcome {
        for _ in 0..<8 {
            let outcome = try log.stage(batch)
            guard outcome == .full else { return outcome }
            while try log.committer.commit(at: 6_000) != nil {}
            try log.sealAll()
        }
        return .full
    }

    private func checkTree(_ log: Log, _ entries: [[UInt8]], _ context: String) throws {
        let leaves = leafHashes(entries)
        #expect(log.reader.head.root == Frontier.root(of: leaves), "wrong root: \(context)")
        let found = try CheckpointPublisher(log, signer: Log.signer()).current?.checkpoint
        let newest = self.published.map(\.size).max()
        if let newest { #expect(found.map { $0.size >= newest } ?? false, "a checkpoint went back: \(context)") }
        for checkpoint in self.published + [found].compactMap(\.self) {
            let size = Int(checkpoint.size)
            #expect(size <= leaves.count, "a checkpoint is ahead of the log: \(context)")
            guard size <= leaves.count else { continue }
            #expect(checkpoint.root == Frontier.root(of: Array(leaves.prefix(size))), "a contradiction: \(context)")
        }
    }
}
