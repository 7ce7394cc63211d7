import AuditModel
import Foundation
import LedgerCore
import Primitives
import Simulation
import Storage
import Testing
import TransparencyLog
import VerifierCore

/// Goal: whatever is done to a log, in whatever way it is kept or shown, is found, called what it is, and placed; and
/// nothing is found where nothing was done.
///
/// Method: small logs on simulated disks, so that a hundred thousand cases take seconds: each changes one thing as a seed
/// says, asks whoever claims to notice, undoes it, and asks again. INDELIBLE_SEED and INDELIBLE_CASES choose others.
@Suite struct TamperCampaignTests {
    private static let worldCount = 20

    private static func number(_ name: String, otherwise value: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? value
    }

    private static let caseCount = Self.number("INDELIBLE_CASES", otherwise: 100_000)
    private static let seed = UInt64(Self.number("INDELIBLE_SEED", otherwise: 1))

    @Test(arguments: 0..<worldCount) func isFoundAndNamed(world: Int) throws {
        var random = SplitMix64(seed: Self.seed &* 1_000_003 &+ UInt64(world))
        let scene = try Scene(&random)
        for number in 0..<Self.caseCount / Self.worldCount {
            let comment: Comment = "seed \(Self.seed), world \(world), case \(number)"
            switch random.next() % 5 {
            case 0: try scene.flipTiles(&random, comment)
            case 1: try scene.flipLedger(&random, comment)
            case 2: try scene.flipSignatures(&random, comment)
            case 3: try scene.forge(&random, comment)
            default: try scene.split(&random, comment)
            }
        }
    }

    /// One log, in all the ways in which it is kept.
    private struct Scene {
        let log: SampleLog
        let size: Int
        let tiles = SimulatedDisk()
        let ledger = SimulatedDisk()
        let ledgerKey: VerifierKey
        let ledgerFiles: [String: Int]
        let memory = SimulatedDisk()
        let cosigned: [UInt8]
        let policy: TrustPolicy
        let key: VerifierKey

        init(_ random: inout SplitMix64) throws {
            self.size = Int.random(in: 257...300, using: &random)
            self.log = try SampleLog(size: self.size)
            self.key = try SampleLog.signer.verifierKey
            try self.log.export(to: self.tiles)
            // What a verifier remembers of it.
            var follower = try LogFollower(key: self.key, files: self.memory, directory: "follow")
            let batch = self.log.batch(0..<self.size)
            try follower.read(batch.ranges, of: batch.bytes.span, first: 0)
            _ = try follower.check(self.log.checkpoint(size: self.size).bytes)
            follower.close()
            // What a witness made of it.
            var checkpoint = try self.log.checkpoint(size: self.size)
            try checkpoint.add(try SampleLog.witness.cosign(checkpoint.checkpoint, at: 1_700_000_000))
            self.cosigned = checkpoint.bytes
            let witness = try SampleLog.witness.verifierKey
            self.policy = try TrustPolicy(parsing: Array("log \(self.key)\nwitness w \(witness)\nquorum w\n".utf8))
            // A ledger's own files.
            self.ledgerKey = self.key
            self.ledgerFiles = try Self.write(self.log.entries, to: self.ledger)
        }

        private static func write(_ entries: [[UInt8]], to disk: SimulatedDisk) throws -> [String: Int] {
            var configuration = LogConfiguration(origin: SampleLog.origin)
            configuration.segmentEntryCount = 64
            configuration.journalFileByteCount = 1 << 15
            let log = try Log(on: disk, configuration: configuration, salt: Array(1...16), now: 1)
            for start in stride(from: 0, to: entries.count, by: 50) {
                var bytes: [UInt8] = []
                var items: [AppendBatch.Item] = []
                for entry in entries[start..<min(start + 50, entries.count)] {
                    items.append(.init(offset: UInt32(bytes.count), byteCount: UInt32(entry.count), kind: 3))
                    bytes += entry
                }
                let producers = ProducerID([7]).map {
                    [AppendBatch.Producer(id: $0, epoch: 1, firstSequence: UInt64(start + 1))]
                }
                let batch = AppendBatch(producers: producers ?? [], items: items)
                _ = try unsafe bytes.withUnsafeBytes { try unsafe log.stage.stage(batch, from: $0) }
                while try log.committer.commit(at: 2) != nil {}
                while try log.sealer.seal() {}
            }
            _ = try CheckpointPublisher(log, signer: SampleLog.signer).publish()
            log.close()
            // The journal holds more than anybody reads; its frames are flipped in the system tests.
            return disk.files.filter { !$0.key.hasPrefix("journal/") && $0.value > 0 && !$0.key.hasSuffix("lock") }
        }

        // MARK: Exported files

        func flipTiles(_ random: inout SplitMix64, _ comment: Comment) throws {
            let files = self.tiles.files.filter { $0.value > 0 }.keys.sorted()
            let path = files[Int.random(in: files.indices, using: &random)]
            let change = Flip(&random, byteCount: self.tiles.files[path] ?? 1)
            self.tiles.corrupt(path, change.apply)
            let outcome = try TileDirectory(files: self.tiles).verify(key: self.key)
            self.tiles.corrupt(path, change.apply)
            guard case .finding(let finding) = outcome else {
                Issue.record("byte \(change.position) of \(path) changed and nobody noticed: \(comment)")
                return
            }
            guard let tile = TilePath(parsing: path) else {
                #expect(finding.kind == .checkpointInvalid && finding.path == "checkpoint", comment)
                return
            }
            switch tile.content {
            case .hashes(let level):
                let index = UInt64((Int(tile.index) * 256 + change.position / 32) << (8 * level))
                #expect(finding.kind == .tileWrong && finding.index == index && finding.path == path, comment)
            case .entries:
                #expect(finding.path == path, comment)
                // A changed length leaves a bundle of the wrong form, or entries that are cut elsewhere from there on.
                let first = Int(tile.index) * 256
                var (entry, end) = (first, 2 + self.log.entries[first].count)
                while change.position >= end {
                    entry += 1
                    end += 2 + self.log.entries[entry].count
                }
                let isForm = finding.expected == nil
                #expect(finding.index == UInt64(isForm ? first : entry), comment)
                // One digit may make it the same as another entry.
                var altered = self.log.entries[entry]
                if change.position >= end - altered.count {
                    altered[change.position - end + altered.count] ^= change.mask
                }
                let isAnother = altered != self.log.entries[entry] && self.log.entries.contains(altered)
                #expect(finding.kind == .payloadAltered || isAnother && finding.kind == .reordered, comment)
            }
            if random.next() % 64 == 0 {
                let clean = try TileDirectory(files: self.tiles).verify(key: self.key)
                #expect(clean == .verified(try self.log.checkpoint(size: self.size).checkpoint), comment)
            }
        }

        // MARK: The ledger's files

        func flipLedger(_ random: inout SplitMix64, _ comment: Comment) throws {
            let names = self.ledgerFiles.keys.sorted()
            let path = names[Int.random(in: names.indices, using: &random)]
            let change = Flip(&random, byteCount: self.ledgerFiles[path] ?? 1)
            self.ledger.corrupt(path, change.apply)
            var findings: [LogFinding] = []
            _ = try LogCheck(self.ledger, key: self.ledgerKey).run { findings.append($0) }
            self.ledger.corrupt(path, change.apply)
            #expect(findings.contains { $0.path == path }, "byte \(change.position) of \(path): \(comment)")
            if let segment = Self.segment(path) {
                let index = findings.first { $0.path == path }?.index
                #expect(index.map { $0 / 64 == segment } == true, "byte \(change.position) of \(path): \(comment)")
            }
            if random.next() % 64 == 0 {
                #expect(try LogCheck(self.ledger, key: self.ledgerKey).run { _ in }.findingCount == 0, comment)
            }
        }

        private static func segment(_ path: String) -> UInt64? {
            guard path.hasPrefix("segments/"), path.hasSuffix(".seg") else { return nil }
            return UInt64(path.dropFirst(9).dropLast(4))
        }

        // MARK: Signatures

        func flipSignatures(_ random: inout SplitMix64, _ comment: Comment) throws {
            var note = self.cosigned
            let change = Flip(&random, byteCount: note.count)
            change.apply(&note)
            #expect(throws: IndelibleError.self, "byte \(change.position) of the checkpoint: \(comment)") {
                _ = try self.policy.verify(SignedNote(parsing: note))
            }
            if random.next() % 64 == 0 {
                let verdict = try self.policy.verify(SignedNote(parsing: self.cosigned))
                #expect(verdict.cosignatures.count == 1, comment)
            }
        }

        // MARK: Another history

        /// The attacker changes entries and computes every hash anew; whoever remembers the log names the first of them.
        func forge(_ random: inout SplitMix64, _ comment: Comment) throws {
            var entries = self.log.entries
            let index = Int.random(in: 0..<self.size - 2, using: &random)
            let kind: Finding.Kind
            switch random.next() % 5 {
            case 0:
                entries[index][0] ^= 1 << UInt8(random.next() % 8)
                kind = .payloadAltered
            case 1:
                entries.remove(at: index)
                entries.append([7])
                kind = .entryMissing
            case 2:
                // Next to each other, at the end of a batch, they look like a deletion so far.
                let other = Int.random(in: index + 2..<self.size, using: &random)
                entries.swapAt(index, other)
                kind = .reordered
            case 3:
                entries.insert(entries[index], at: index)
                entries.removeLast()
                kind = .reordered
            default:
                entries.removeLast(self.size - index)
                kind = .truncated
            }
            var follower = try LogFollower(key: self.key, files: self.memory, directory: "follow")
            defer { follower.close() }
            if kind == .truncated {
                let outcome = try follower.check(self.log.checkpoint(size: index).bytes)
                guard case .finding(let finding) = outcome else {
                    Issue.record("nobody noticed that the log was cut: \(comment)")
                    return
                }
                #expect(finding.kind == kind && finding.index == UInt64(index), comment)
                return
            }
            // In batches as they come: an entry and its neighbour may be in different ones.
            var next = 0
            var first: Finding?
            while next < self.size, first == nil {
                let end = min(self.size, next + Int.random(in: 2...100, using: &random))
                let part = SampleLog.batch(entries[next..<end])
                first = try follower.reread(part.ranges, of: part.bytes.span, first: UInt64(next))
                next = end
            }
            let expected = UInt64(kind == .reordered && entries[index] == self.log.entries[index] ? index + 1 : index)
            #expect(first?.kind == kind && first?.index == expected, comment)
            let clean = self.log.batch(0..<self.size)
            #expect(try follower.reread(clean.ranges, of: clean.bytes.span, first: 0) == nil, comment)
        }

        // MARK: A split view

        /// Two logs of one key; whoever saw one of them convicts it with a checkpoint of the other.
        func split(_ random: inout SplitMix64, _ comment: Comment) throws {
            let size = Int.random(in: 2...24, using: &random)
            let index = Int.random(in: 0..<size, using: &random)
            let other = try SampleLog(size: size, changing: index)
            let shown = Int.random(in: 0...size, using: &random)
            let follower = try LogFollower(key: self.key, files: self.memory, directory: "follow")
            defer { follower.close() }
            let evidence = try follower.evidence(against: other.checkpoint(size: shown))
            #expect((evidence != nil) == (shown > index), comment)
            guard let evidence else { return }
            var bytes = evidence.bytes
            #expect(try ForkEvidence(parsing: bytes).verify(by: [self.key]) == self.key, comment)
            let change = Flip(&random, byteCount: bytes.count)
            change.apply(&bytes)
            #expect(throws: IndelibleError.self, "byte \(change.position) of the evidence: \(comment)") {
                try ForkEvidence(parsing: bytes).verify(by: [self.key])
            }
        }
    }

    /// One bit that changes, and changes back.
    private struct Flip {
        let position: Int
        let mask: UInt8

        init(_ random: inout SplitMix64, byteCount: Int) {
            self.position = Int.random(in: 0..<byteCount, using: &random)
            self.mask = 1 << UInt8(random.next() % 8)
        }

        func apply(_ bytes: inout [UInt8]) { bytes[self.position] ^= self.mask }
    }
}
