import Primitives
import Simulation
import Storage
import Testing
import TransparencyLog
import VerifierCore

/// Goal: every answer of the specification's table, and no memory lost or rolled back, whatever the disk does.
@Suite struct WitnessTests {
    private static let log = Result { try SampleLog(size: 20) }
    private static let time: UInt64 = 1_700_000_000

    private static func witness(_ files: SimulatedDisk) throws -> Witness {
        try Witness(
            signer: SampleLog.witness,
            keys: [SampleLog.signer.verifierKey],
            files: files,
            directory: "witness",
        )
    }

    @Test func answersAsWorkedOut() throws {
        let log = try Self.log.get()
        var witness = try Self.witness(SimulatedDisk())
        let hash = try Witness.hash(of: SampleLog.origin)
        #expect(hash == "3ac2937e44de96098194fa522a81c2db694a41200c0ae4c2ea14d2fe1d75c284")
        #expect(witness.checkpoint(originHash: hash).status == 404)
        #expect(witness.checkpoint(originHash: "00").status == 404)

        #expect(witness.add(try log.request(0, 3), at: Self.time).status == 200)
        let grown = witness.add(try log.request(3, 7), at: Self.time)
        #expect(grown.status == 200)
        #expect(
            grown.body
                == "— witness.example/w1 IDJKvgAAAABlU/EAE12Yna8FsNjshN0qwfdQBtRu9nycXghD206ZIHF/866CSJG2McIRVgdBZ7iwY2Sicf5Dp0kcvFFCD0/n5kfzDA==\n"
        )
        #expect(
            witness.add(try log.request(3, 7), at: Self.time)
                == WitnessReply(409, "7\n", contentType: "text/x.tlog.size")
        )
        let stored = witness.checkpoint(originHash: hash)
        #expect(stored.status == 200)
        #expect(stored.body == (try log.checkpoint(size: 7).note.serialized) + grown.body)
        #expect(witness.size(of: SampleLog.origin) == 7)
        #expect(witness.size(of: "other.example") == nil)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let status: Int
        var isEvidence = false
        let request: @Sendable (SampleLog) throws -> WitnessRequest
    }

    /// Sent to a witness that has cosigned size 3.
    static let rows = [
        Row(testDescription: "grows", status: 200) { try $0.request(3, 7) },
        Row(testDescription: "grows by one", status: 200) { try $0.request(3, 4) },
        Row(testDescription: "is refreshed", status: 200) { try $0.request(3, 3) },
        Row(testDescription: "old size beyond the new", status: 400) {
            try WitnessRequest(oldSize: 9, proof: [], checkpoint: $0.checkpoint(size: 7))
        },
        Row(testDescription: "another log", status: 404) {
            let other = try NoteSigner(name: "other.example", type: .ed25519, seed: [UInt8](0x00...0x1f))
            let checkpoint = try Checkpoint(origin: "other.example", size: 7, root: $0.root(size: 7))
            return try WitnessRequest(
                oldSize: 3,
                proof: $0.consistency(3, 7),
                checkpoint: SignedCheckpoint(checkpoint, signer: other),
            )
        },
        Row(testDescription: "a stranger's signature", status: 403) {
            let other = try NoteSigner(name: SampleLog.origin, type: .ed25519, seed: [UInt8](repeating: 9, count: 32))
            return try WitnessRequest(
                oldSize: 3,
                proof: $0.consistency(3, 7),
                checkpoint: SignedCheckpoint($0.checkpoint(size: 7).checkpoint, signer: other),
            )
        },
        Row(testDescription: "a signature changed", status: 403) {
            var signed = try $0.checkpoint(size: 7)
            let line = signed.note.signatures[0]
            try signed.add(
                NoteSignature(
                    name: line.name,
                    keyIdentifier: line.keyIdentifier,
                    bytes: [line.bytes[0] ^ 1] + line.bytes.dropFirst(),
                )
            )
            return try WitnessRequest(oldSize: 3, proof: $0.consistency(3, 7), checkpoint: signed)
        },
        Row(testDescription: "an older state", status: 409) { try $0.request(2, 7) },
        Row(testDescription: "from nothing", status: 409) { try $0.request(0, 7) },
        Row(testDescription: "a newer state", status: 409) { try $0.request(4, 7) },
        Row(testDescription: "no proof", status: 422) {
            try WitnessRequest(oldSize: 3, proof: [], checkpoint: $0.checkpoint(size: 7))
        },
        Row(testDescription: "a proof too long", status: 422) {
            let proof = try $0.consistency(3, 7)
            return try WitnessRequest(oldSize: 3, proof: proof + proof, checkpoint: $0.checkpoint(size: 7))
        },
        Row(testDescription: "a proof out of order", status: 422) {
            try WitnessRequest(
                oldSize: 3,
                proof: $0.consistency(3, 7).reversed(),
                checkpoint: $0.checkpoint(size: 7),
            )
        },
        Row(testDescription: "another history", status: 422) { _ in
            try SampleLog(size: 20, changing: 1).request(3, 7)
        },
        Row(testDescription: "a proof where none belongs", status: 422) {
            try WitnessRequest(oldSize: 3, proof: $0.consistency(3, 7), checkpoint: $0.checkpoint(size: 3))
        },
        Row(testDescription: "another root at the same size", status: 422, isEvidence: true) { _ in
            try SampleLog(size: 20, changing: 1).request(3, 3)
        },
    ]

    @Test(arguments: rows) func followsTheTable(_ row: Row) throws {
        let log = try Self.log.get()
        let disk = SimulatedDisk()
        var witness = try Self.witness(disk)
        #expect(witness.add(try log.request(0, 3), at: Self.time).status == 200)
        let reply = witness.add(try row.request(log), at: Self.time)
        #expect(reply.status == row.status)
        #expect((reply.contentType == WitnessReply.sizeType) == (row.status == 409))
        #expect(witness.contradictionCount == (row.isEvidence ? 1 : 0))
        #expect(disk.files.keys.contains { $0.contains("evidence") } == row.isEvidence)
        if row.status != 200 {
            // Refusals leave no trace in what the witness remembers.
            #expect(witness.add(try log.request(3, 7), at: Self.time).status == 200)
        }
    }

    @Test func theEmptyTreeHasOneRoot() throws {
        let log = try Self.log.get()
        var witness = try Self.witness(SimulatedDisk())
        let wrong = try WitnessRequest(
            oldSize: 0,
            proof: [],
            checkpoint: log.checkpoint(size: 0, root: log.root(size: 1)),
        )
        #expect(witness.add(wrong, at: Self.time).status == 422)
        #expect(witness.contradictionCount == 1)
        let early = try WitnessRequest(oldSize: 0, proof: log.consistency(3, 7), checkpoint: log.checkpoint(size: 7))
        #expect(witness.add(early, at: Self.time).status == 422)
        #expect(witness.add(try log.request(0, 0), at: Self.time).status == 200)
        #expect(witness.add(try log.request(0, 7), at: Self.time).status == 200)
    }

    /// A forged line with the witness's own name must not get into what it stores.
    @Test func storesOnlyVerifiedLines() throws {
        let log = try Self.log.get()
        let disk = SimulatedDisk()
        var witness = try Self.witness(disk)
        let key = try SampleLog.witness.verifierKey
        var signed = try log.checkpoint(size: 3)
        try signed.add(
            NoteSignature(name: key.name, keyIdentifier: key.identifier, bytes: [UInt8](repeating: 1, count: 72))
        )
        try signed.add(NoteSignature(name: "grease.example", keyIdentifier: 1, bytes: [1]))
        let request = try WitnessRequest(oldSize: 0, proof: [], checkpoint: signed)
        #expect(witness.add(request, at: Self.time).status == 200)
        let hash = try Witness.hash(of: SampleLog.origin)
        let stored = try SignedNote(parsing: Array(witness.checkpoint(originHash: hash).body.utf8))
        #expect(stored.signatures.count == 2)
        #expect(try stored.verified(by: [key, SampleLog.signer.verifierKey]).count == 2)
        #expect(try Self.witness(disk).size(of: SampleLog.origin) == 3)
    }

    @Test func timeNeverGoesBack() throws {
        let log = try Self.log.get()
        let key = try SampleLog.witness.verifierKey
        var witness = try Self.witness(SimulatedDisk())
        let time = { (old: Int, new: Int, now: UInt64) throws -> UInt64? in
            let reply = witness.add(try log.request(old, new), at: now)
            guard reply.status == 200 else { return nil }
            let note = try SignedNote(
                text: log.checkpoint(size: new).note.text,
                signatures: SignedNote.signatureLines(Array(reply.body.utf8)),
            )
            return try note.verified(by: [key])[0].timestamp
        }
        #expect(try time(0, 3, Self.time) == Self.time)
        #expect(try time(3, 3, Self.time + 5) == Self.time + 5)
        #expect(try time(3, 3, Self.time) == Self.time + 5)
        #expect(try time(3, 4, Self.time + 5 - WitnessedLog.clockStepMax) == Self.time + 5)
        #expect(try time(4, 5, Self.time + 4 - WitnessedLog.clockStepMax) == nil)
        #expect(try time(4, 5, Self.time + 6) == Self.time + 6)
    }

    @Test func namesAClockThatKeepsItFromSigning() throws {
        let log = try Self.log.get()
        let disk = SimulatedDisk()
        var witness = try Self.witness(disk)
        #expect(witness.clock(at: 0).flatMap(\.findings).isEmpty, "nothing was signed yet")
        #expect(try witness.add(log.request(0, 3), at: Self.time).status == 200)
        // Also after a restart: what it signed is on the disk.
        for witness in [witness, try Self.witness(disk)] {
            #expect(witness.clock(at: Self.time - WitnessedLog.clockStepMax).flatMap(\.findings).isEmpty)
            let found = witness.clock(at: Self.time - WitnessedLog.clockStepMax - 1)
            #expect(found.map(\.origin) == [SampleLog.origin])
            #expect(found.first?.findings.map(\.kind) == [.clock] && found.first?.findings.first?.index == 3)
            #expect(found.first?.findings.first?.path == "witness.example/w1")
        }
    }

    @Test func believesItsOwnEyesFirst() throws {
        let log = try Self.log.get()
        var witness = try Self.witness(SimulatedDisk())
        #expect(witness.add(try log.request(0, 7), at: Self.time, view: .behind).status == 503)
        #expect(try witness.add(log.request(0, 7), at: Self.time, view: .root(log.root(size: 6))).status == 422)
        #expect(witness.contradictionCount == 1)
        #expect(try witness.add(log.request(0, 7), at: Self.time, view: .root(log.root(size: 7))).status == 200)
    }

    @Test func refusesToStartWithoutItsMemory() throws {
        let log = try Self.log.get()
        let disk = SimulatedDisk()
        var witness = try Self.witness(disk)
        #expect(witness.add(try log.request(0, 7), at: Self.time).status == 200)
        let path = "witness/\(try Witness.hash(of: SampleLog.origin))"
        for position in 0..<(try #require(disk.files[path])) {
            disk.corrupt(path) { $0[position] ^= 1 }
            // Only our own line may be lost: the log's line alone says what was seen.
            if let opened = try? Self.witness(disk) { #expect(opened.size(of: SampleLog.origin) == 7) }
            disk.corrupt(path) { $0[position] ^= 1 }
        }
        disk.corrupt(path) { $0.removeAll() }
        #expect { try Self.witness(disk) } throws: { ($0 as? IndelibleError)?.code == .dataLoss }
    }

    /// Three growths with a fault at every operation; after a power cut nothing that was answered is forgotten.
    @Test(arguments: SimulatedDisk.FaultPlan.Mode.allCases, 0..<10 as Range<UInt64>)
    func survivesEveryFault(mode: SimulatedDisk.FaultPlan.Mode, seed: UInt64) throws {
        let log = try Self.log.get()
        let requests = try [log.request(0, 3), log.request(3, 7), log.request(7, 20)]
        let sizes: [UInt64] = [0, 3, 7, 20]
        for operation in 0... {
            let disk = SimulatedDisk(.init(operation: operation, mode: mode), seed: seed)
            var answered = 0
            if var witness = try? Self.witness(disk) {
                for request in requests {
                    guard witness.add(request, at: Self.time).status == 200 else {
                        // Having failed once, it says nothing more.
                        #expect(witness.add(request, at: Self.time).status == 503)
                        break
                    }
                    answered += 1
                }
            }
            disk.powerCut()
            let fired = disk.faultFired
            disk.restart()
            var witness = try Self.witness(disk)
            let size = try #require(witness.size(of: SampleLog.origin))
            let next = sizes[min(answered + 1, 3)]
            #expect(size == sizes[answered] || size == next, "fault at \(operation)")
            // What the log then sends, in the light of a conflict, is accepted.
            let retry = witness.add(try log.request(Int(size), 20), at: Self.time)
            #expect(retry.status == 200)
            guard fired else { return }
        }
    }
}
