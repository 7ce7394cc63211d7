import Foundation
import LedgerCore
import MerkleTree
import Primitives
import Simulation
import Synchronization
import Testing

/// Goal: writers, the committer, the sealer and readers work side by side, and every reader sees one true state.
///
/// Method: all of them at once on one small log, each checking what it is told; `make tsan` runs this too.
@Suite struct ConcurrencyTests {
    static let writerCount = 3
    static let batchCount = 60

    private final class Progress: Sendable {
        let writing = Atomic(ConcurrencyTests.writerCount)
        let committing = Atomic(true)
        let failures = Mutex<[String]>([])

        func note(_ problem: String) { self.failures.withLock { $0.append(problem) } }
    }

    @Test func everybodyAtOnce() throws {
        let log = try Log.small(on: SimulatedDisk(), segmentEntryCount: 64, journalFileByteCount: 1 << 15)
        let progress = Progress()
        // Threads of their own: a pool may have fewer than there are roles that wait for each other.
        let group = DispatchGroup()
        for role in 0..<Self.writerCount + 4 {
            group.enter()
            let thread = Thread {
                Self.play(role, log, progress)
                group.leave()
            }
            thread.start()
        }
        group.wait()
        #expect(progress.failures.withLock { $0 } == [])
        let entries = try log.allEntries()
        #expect(entries.count == Self.writerCount * Self.batchCount * 5)
        #expect(Set(entries).count == entries.count)
        #expect(log.reader.head.root == Frontier.root(of: leafHashes(entries)))
    }

    private static func play(_ role: Int, _ log: Log, _ progress: Progress) {
        do throws(IndelibleError) {
            switch role {
            case 0: try self.commit(log, progress)
            case 1: try self.seal(log, progress)
            case 2, 3: try self.read(log, progress, seed: UInt64(role))
            default: try self.write(log, progress, producer: UInt8(role))
            }
        } catch {
            progress.note("\(role): \(error)")
            progress.committing.store(false, ordering: .sequentiallyConsistent)
        }
    }

    private static func write(_ log: Log, _ progress: Progress, producer: UInt8) throws(IndelibleError) {
        defer { progress.writing.subtract(1, ordering: .sequentiallyConsistent) }
        for number in 0..<self.batchCount {
            let batch = TestBatch(producer: producer, firstSequence: UInt64(number * 5 + 1), count: 5)
            while try log.stage(batch) == .full {
                guard progress.committing.load(ordering: .sequentiallyConsistent) else { return }
            }
        }
    }

    private static func commit(_ log: Log, _ progress: Progress) throws(IndelibleError) {
        while progress.committing.load(ordering: .sequentiallyConsistent) {
            let isLast = progress.writing.load(ordering: .sequentiallyConsistent) == 0
            let result = try log.committer.commit(at: 1)
            if isLast, result == nil { progress.committing.store(false, ordering: .sequentiallyConsistent) }
        }
    }

    private static func seal(_ log: Log, _ progress: Progress) throws(IndelibleError) {
        while progress.committing.load(ordering: .sequentiallyConsistent) { _ = try log.sealer.seal() }
    }

    private static func read(_ log: Log, _ progress: Progress, seed: UInt64) throws(IndelibleError) {
        var random = SplitMix64(seed: seed)
        while progress.committing.load(ordering: .sequentiallyConsistent) {
            let head = log.reader.head
            guard head.size > 0 else { continue }
            let index = random.next() % head.size
            guard let run = try log.reader.entries(from: index, byteCountMax: 600), let entry = run.entries.first else {
                progress.note("no entry \(index) of \(head.size)")
                return
            }
            let proof = try log.reader.inclusionProof(index, size: head.size)
            if !proof.verify(leaf: leafHashes([entry])[0], root: head.root) {
                progress.note("entry \(index) is not in the tree of \(head.size)")
                return
            }
        }
    }
}
