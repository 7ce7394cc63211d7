import AuditModel
import Cryptography
import MerkleTree
import Primitives
import ProtobufC
import Testing
import VerifierCore

/// Goal: keys that nobody vouches for and clocks that run ahead are named, with the entry that shows it, once.
@Suite struct EntryCheckerTests {
    private static let now: UInt64 = 1_800_000_000_000_000_000
    private static let second: UInt64 = 1_000_000_000

    /// Shows entries one by one.
    private struct Scene {
        var checker: EntryChecker
        var leaves: [Digest] = []

        mutating func add(
            _ body: EntryBody,
            stamp: UInt64? = nil,
            now: UInt64 = EntryCheckerTests.now,
        ) throws -> [Finding] {
            let entry = Entry(
                blind: [UInt8](repeating: 1, count: Entry.blindByteCount),
                stamp: stamp.map { Stamp(collector: "ingest.example", receivedNanoseconds: $0) },
                body: body,
            ).serialized
            let leaves = self.leaves
            let findings = try self.checker.check(
                [0..<entry.count],
                of: entry.span,
                first: UInt64(leaves.count),
                now: now,
            ) { from, count in Array(leaves[Int(from)..<Int(from) + count]) }
            self.leaves.append(try SHA256.hash([0], entry))
            return findings
        }

        /// An event, and its seal by a key.
        mutating func sealed(
            by key: Ed25519.SigningKey,
            _ sequence: UInt64,
            name: String = "ingest.example",
        ) throws -> [Finding] {
            _ = try self.add(.event([1]))
            let collector = try CollectorKey(name: "ingest.example", publicKey: key.publicKey)
            let body = SealBody(
                collector: name,
                keyID: collector.keyID,
                epoch: 1,
                sequence: sequence,
                count: 1,
                root: Frontier.root(of: self.leaves.suffix(1)),
                previous: nil,
            )
            return try self.add(.seal(BatchSeal(signing: body, by: key)))
        }
    }

    private static func key() throws -> Ed25519.SigningKey { try .init(seed: [UInt8](repeating: 5, count: 32)) }
    private static func root() throws -> Ed25519.SigningKey { try .init(seed: [UInt8](repeating: 7, count: 32)) }

    private static func record(
        _ key: Ed25519.SigningKey,
        _ action: String,
        by root: Ed25519.SigningKey,
    ) throws -> EntryBody {
        let body = KeyRecord.Body(
            name: "ingest.example",
            publicKey: key.publicKey,
            purpose: "collector",
            action: action,
            fromNanoseconds: 0,
        )
        return .key(try KeyRecord(signing: body, by: root))
    }

    private static func scene() throws -> Scene {
        Scene(checker: EntryChecker(seals: SealChecker(operatorKey: try Self.root().publicKey)))
    }

    private static let overdue = Self.now + SealChecker.patienceNanoseconds

    @Test func namesTheFirstSealOfAnUnknownKeyOnce() throws {
        var scene = try Self.scene()
        #expect(try scene.sealed(by: Self.key(), 1).isEmpty)
        #expect(scene.checker.overdue(at: Self.overdue - 1).isEmpty)
        let found = scene.checker.overdue(at: Self.overdue)
        #expect(found.map(\.kind) == [.keyUnknown] && found.first?.index == 1 && found.first?.path == "ingest.example")
        #expect(scene.checker.overdue(at: Self.overdue + 1).isEmpty)
    }

    @Test func aKeyThatIsEnrolledInTimeIsKnown() throws {
        var scene = try Self.scene()
        _ = try scene.sealed(by: Self.key(), 1)
        #expect(try scene.add(Self.record(Self.key(), "enrolled", by: Self.root())).isEmpty)
        #expect(scene.checker.overdue(at: Self.overdue).isEmpty)
    }

    @Test func aRetiredKeyIsUnknownFromThenOnAlsoAfterARestart() throws {
        var scene = try Self.scene()
        _ = try scene.add(Self.record(Self.key(), "enrolled", by: Self.root()))
        _ = try scene.add(Self.record(Self.key(), "retired", by: Self.root()))
        var again = try Self.scene()
        try again.checker.restore(scene.checker.remembered, now: Self.now)
        again.leaves = scene.leaves
        _ = try again.sealed(by: Self.key(), 1)
        #expect(again.checker.overdue(at: Self.overdue).map(\.index) == [3])
    }

    @Test func keysAndStrangersAreRememberedOverARestart() throws {
        var known = try Self.scene()
        _ = try known.add(Self.record(Self.key(), "enrolled", by: Self.root()))
        var again = try Self.scene()
        try again.checker.restore(known.checker.remembered, now: Self.now)
        again.leaves = known.leaves
        _ = try again.sealed(by: Self.key(), 1)
        #expect(again.checker.seals.verifiedCount == 1 && again.checker.overdue(at: Self.overdue).isEmpty)

        var strange = try Self.scene()
        _ = try strange.sealed(by: Self.key(), 1)
        var after = try Self.scene()
        try after.checker.restore(strange.checker.remembered, now: Self.now)
        #expect(after.checker.overdue(at: Self.overdue).map(\.index) == [1])
        #expect(throws: IndelibleError.self) { try after.checker.restore(Array("nonsense\n".utf8), now: 0) }
    }

    @Test func namesAKeyRecordThatIsNotTheOperatorsWord() throws {
        var scene = try Self.scene()
        let found = try scene.add(Self.record(Self.key(), "enrolled", by: Self.key()))
        #expect(found.map(\.kind) == [.keyUnknown] && found.first?.index == 0 && found.first?.path == "ingest.example")
    }

    /// Without a word of the operator on keys, none is unknown.
    @Test func asksForNoKeysWhereTheOperatorNamesNone() throws {
        var scene = Scene(checker: EntryChecker(seals: SealChecker()))
        _ = try scene.sealed(by: Self.key(), 1)
        #expect(try scene.add(Self.record(Self.key(), "enrolled", by: Self.key())).isEmpty)
        #expect(scene.checker.overdue(at: .max / 2).isEmpty)
    }

    /// A name is kept in lines: one that would break them is none.
    @Test(arguments: ["", "a b", "a\nkey 00 b"]) func refusesNamesThatAreNone(name: String) throws {
        var scene = try Self.scene()
        #expect(try scene.sealed(by: Self.key(), 1, name: name).map(\.kind) == [.sealInvalid])
        #expect(scene.checker.remembered.isEmpty)
    }

    @Test func namesStampsThatAreAheadOnceEachTime() throws {
        var scene = try Self.scene()
        let ahead = Self.now + EntryChecker.clockStepMaxNanoseconds + Self.second
        #expect(try scene.add(.event([1]), stamp: Self.now).isEmpty)
        #expect(try scene.add(.event([1]), stamp: ahead - Self.second).isEmpty)
        let found = try scene.add(.event([1]), stamp: ahead)
        #expect(found.map(\.kind) == [.clock] && found.first?.index == 2 && found.first?.path == "ingest.example")
        #expect(try scene.add(.event([1]), stamp: ahead).isEmpty)
        #expect(try scene.add(.event([1]), stamp: 1).isEmpty)
        #expect(try scene.add(.event([1]), stamp: ahead).map(\.index) == [5])
        #expect(try scene.add(.event([1]), stamp: ahead, now: ahead).isEmpty)
    }
}
