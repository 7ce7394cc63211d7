import AuditModel
import Cryptography
import MerkleTree
import Primitives
import Testing
import VerifierCore

/// Goal: a seal that lies about whose it is, what it seals or what came before is named; an honest chain is not.
@Suite struct SealCheckerTests {
    /// Writes events and seals, and shows them to a checker.
    private struct Scene {
        var checker: SealChecker
        let key: Ed25519.SigningKey
        let collector: CollectorKey
        var leaves: [Digest] = []
        var sequence: UInt64 = 0
        var epoch: UInt64 = 1
        var previous: Digest?

        init(knownKey: Bool = true, operatorKey: [UInt8]? = nil) throws {
            self.key = try Ed25519.SigningKey(seed: [UInt8](repeating: 5, count: 32))
            self.collector = try CollectorKey(name: "ingest.example", publicKey: self.key.publicKey)
            self.checker = SealChecker(collectors: knownKey ? [self.collector] : [], operatorKey: operatorKey)
        }

        mutating func add(_ body: EntryBody) throws -> Finding? {
            let blind = [UInt8](repeating: UInt8(self.leaves.count), count: Entry.blindByteCount)
            let entry = Entry(blind: blind, stamp: nil, body: body).serialized
            let leaves = self.leaves
            let finding = try self.checker.check(entry.span, at: UInt64(leaves.count)) { from, count in
                Array(leaves[Int(from)..<Int(from) + count])
            }
            self.leaves.append(try SHA256.hash([0], entry))
            return finding
        }

        /// Three events and the seal that a collector would make, after `change`.
        mutating func batch(
            signedBy signer: Ed25519.SigningKey? = nil,
            _ change: (inout SealBody) -> Void = { _ in },
        ) throws -> Finding? {
            for number in 0..<3 { #expect(try self.add(.event([UInt8(number)])) == nil) }
            self.sequence += 1
            var body = SealBody(
                collector: self.collector.name,
                keyID: self.collector.keyID,
                epoch: self.epoch,
                sequence: self.sequence,
                count: 3,
                root: Frontier.root(of: self.leaves.suffix(3)),
                previous: self.previous,
            )
            change(&body)
            let seal = try BatchSeal(signing: body, by: signer ?? self.key)
            self.previous = try seal.bodyHash
            return try self.add(.seal(seal))
        }
    }

    @Test func acceptsAnHonestChain() throws {
        var scene = try Scene()
        for _ in 0..<4 { #expect(try scene.batch() == nil) }
        (scene.epoch, scene.sequence, scene.previous) = (2, 0, nil)
        for _ in 0..<4 { #expect(try scene.batch() == nil) }
        #expect(scene.checker.verifiedCount == 8)
        #expect(scene.checker.strangerCount == 0)
    }

    @Test func namesWhatASealLiesAbout() throws {
        let stranger = try Ed25519.SigningKey(seed: [UInt8](repeating: 6, count: 32))
        var scene = try Scene()
        #expect(try scene.batch() == nil)  // 0 to 3.
        #expect(try scene.batch(signedBy: stranger)?.index == 7)
        #expect(try scene.batch { $0.root = .zero }?.index == 8)
        #expect(try scene.batch { $0.count = 0 }?.index == 15)
        #expect(try scene.batch { $0.count = 100 }?.index == 19)
        #expect(try scene.batch { $0.count = 2 }?.index == 21)
    }

    @Test func namesWhatIsMissingBetweenSeals() throws {
        var scene = try Scene()
        #expect(try scene.batch() == nil)
        scene.sequence = 2
        #expect(try scene.batch()?.expected == "seal 2 of ingest.example")
        #expect(try scene.batch() == nil)
        #expect(try scene.batch { $0.previous = .zero }?.found == Digest.zero.hex)
        (scene.epoch, scene.sequence) = (2, 0)
        #expect(try scene.batch()?.expected == "none before")
        (scene.epoch, scene.sequence, scene.previous) = (1, 0, nil)
        #expect(try scene.batch()?.expected == "seal 1 of ingest.example")
    }

    @Test func countsStrangersAndStillChecksTheirRoots() throws {
        var scene = try Scene(knownKey: false)
        #expect(try scene.batch() == nil)
        #expect(scene.checker.strangerCount == 1)
        #expect(try scene.batch { $0.root = .zero }?.kind == .sealInvalid)
    }

    @Test func believesTheOperatorsKeyRecordsOnly() throws {
        let root = try Ed25519.SigningKey(seed: [UInt8](repeating: 7, count: 32))
        let stranger = try Ed25519.SigningKey(seed: [UInt8](repeating: 8, count: 32))
        var scene = try Scene(knownKey: false, operatorKey: root.publicKey)
        let body = KeyRecord.Body(
            name: scene.collector.name,
            publicKey: scene.collector.publicKey,
            purpose: "collector",
            action: "enrolled",
            fromNanoseconds: 0,
        )
        #expect(try scene.add(.key(KeyRecord(signing: body, by: stranger)))?.kind == .keyUnknown)
        #expect(try scene.batch() == nil)
        #expect(scene.checker.strangerCount == 1)
        #expect(try scene.add(.key(KeyRecord(signing: body, by: root))) == nil)
        #expect(try scene.batch() == nil)
        #expect(scene.checker.verifiedCount == 1)
        #expect(try scene.batch(signedBy: stranger)?.kind == .sealInvalid)
    }

    @Test func remembersTheChain() throws {
        var scene = try Scene()
        #expect(try scene.batch() == nil)
        var restarted = SealChecker(collectors: [scene.collector])
        try restarted.restore(scene.checker.remembered)
        #expect(restarted.remembered == scene.checker.remembered)
        scene.checker = restarted
        scene.sequence = 0
        #expect(try scene.batch()?.expected == "seal 2 of ingest.example")
        #expect { try restarted.restore([0x61, 0x0a]) } throws: { ($0 as? IndelibleError)?.code == .dataLoss }
    }

    @Test func ignoresWhatIsNoEntry() throws {
        var checker = SealChecker()
        for bytes in [[], [0xff], [0x22, 0x00]] as [[UInt8]] {
            #expect(try checker.check(bytes.span, at: 0) { _, _ in [] } == nil)
        }
    }
}
