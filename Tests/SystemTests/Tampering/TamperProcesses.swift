import AuditModel
import Cryptography
import IndelibleClient
import JSONText
import Primitives
import ProtobufC
import ServiceProtocol
import Simulation
import Testing
import TransparencyLog

extension RealProcesses.Tampering {
    /// What a person would run, for every case.
    ///
    /// - Returns: How many there were.
    static func tamperWithFiles(_ scene: TamperScene, _ random: inout SplitMix64) async throws -> Int {
        let commands = [
            ("ledger", FileTampering.ledger, ["fsck", "--data"]),
            ("tiles", FileTampering.tiles, ["verify", "--tiles"]),
        ]
        var caseCount = 0
        for (original, tamperings, command) in commands {
            for tampering in tamperings {
                for number in 0..<tampering.count {
                    let copy = try TamperCopy(of: original, in: scene.directory)
                    let expected = try tampering.tamper(copy, &random)
                    let arguments = command + [copy.path, "--vkey", "\(scene.key)", "--json"]
                    let name = "\(tampering.name), case \(number), seed \(Self.seed)"
                    try await Self.expect(expected, of: arguments, name, scene)
                    try copy.remove()
                    caseCount += 1
                }
            }
        }
        return caseCount
    }

    /// Once for each kind of forgery, a ledger and a verifier that run.
    static func tamperUnderRealProcesses(_ scene: TamperScene, _ random: inout SplitMix64) async throws {
        for forgery in Forgery.all {
            let (items, first) = forgery.forge(scene.items, &random)
            try await Self.expectRefusal(scene.forge(items, signer: nil), forgery.name, scene)
            let copy = try scene.forge(items, signer: scene.signer)
            if items.count < scene.items.count {
                try await Self.expectFinding("truncated", at: items.count, copy, scene)
            } else {
                try await Self.expectFinding(forgery.kind, at: first, copy, scene)
            }
        }
        let yesterday = try TamperCopy(of: "yesterday", in: scene.directory, sharing: false)
        try await Self.expectFinding("truncated", at: TamperScene.sizeYesterday, yesterday, scene)
        try await Self.expectFindingsOfLiveTampering(scene, &random)
        try await Self.expectFindingsOfWhatEntriesSay(scene)
    }

    private static func expect(
        _ expected: Detection,
        of arguments: [String],
        _ name: String,
        _ scene: TamperScene,
    ) async throws {
        let result = try await Program.run(Program.ours("indelible"), arguments, in: scene.directory)
        #expect(result.status == 1, "\(name): \(result)")
        let line = result.output.split(separator: "\n").first.map { Array($0.utf8) } ?? []
        let finding = try JSONValue(parsing: line, what: "\(name): \(result)")
        #expect(finding["kind"]?.string == expected.kind, "\(name): \(result)")
        #expect(finding["index"]?.number?.int == expected.index, "\(name): \(result)")
    }

    /// A ledger does not serve what it did not sign.
    private static func expectRefusal(_ copy: TamperCopy, _ name: String, _ scene: TamperScene) async throws {
        try scene.giveKey(to: copy)
        let (program, _) = try TestLedger.launch(in: scene.directory, data: copy.name, TamperScene.options)
        let result = try await program.result()
        #expect(result.status == 3 && result.errors.contains("fsck"), "\(name): \(result)")
        try copy.remove()
    }

    /// A ledger with the log's key serves the forged log; the verifier that followed the true one says what is wrong.
    private static func expectFinding(
        _ kind: String,
        at index: Int,
        _ copy: TamperCopy,
        _ scene: TamperScene,
    ) async throws {
        try scene.giveKey(to: copy)
        let memory = try TamperCopy(of: "verifier", in: scene.directory, sharing: false)
        let ledger = try await TestLedger.start(in: scene.directory, data: copy.name, TamperScene.options)
        let verifier = try TestVerifier(of: ledger, key: scene.key, in: scene.directory, name: memory.name)
        try await verifier.waitForFinding(kind, at: index)
        try await verifier.program.stop()
        try await ledger.stop()
        try copy.remove()
        try memory.remove()
    }

    /// Bytes change under a ledger that runs; the next rescan finds them, and says nothing when they are well again.
    private static func expectFindingsOfLiveTampering(_ scene: TamperScene, _ random: inout SplitMix64) async throws {
        let copy = try TamperCopy(of: "ledger", in: scene.directory, sharing: false)
        let memory = try TamperCopy(of: "verifier", in: scene.directory, sharing: false)
        let ledger = try await TestLedger.start(in: scene.directory, data: copy.name, TamperScene.options)
        let verifier = try TestVerifier(
            of: ledger,
            key: scene.key,
            in: scene.directory,
            name: memory.name,
            ["--rescan-seconds", "1"],
        )
        let segment = try SegmentMap.random(in: copy, &random)
        let entry = Int.random(in: segment.entries.indices, using: &random)
        try copy.changeInPlace(segment.file, at: segment.entries[entry].lowerBound) { $0 ^ 0x10 }
        try await verifier.waitForFinding("payload-altered", at: segment.first + entry)
        let verify = try await Program.indelible(
            "verify",
            "--tiles",
            ledger.tiles,
            "--vkey",
            "\(scene.key)",
            "--json",
            in: scene.directory,
        )
        #expect(verify.status == 1, "\(verify)")
        #expect(try verify.json["kind"]?.string == "payload-altered", "\(verify)")
        #expect(try verify.json["index"]?.number?.int == segment.first + entry, "\(verify)")
        try copy.changeInPlace(segment.file, at: segment.entries[entry].lowerBound) { $0 ^ 0x10 }
        let again = try await Program.indelible(
            "verify",
            "--tiles",
            ledger.tiles,
            "--vkey",
            "\(scene.key)",
            in: scene.directory,
        )
        #expect(again.status == 0, "\(again)")
        #expect(verifier.findings.split(separator: "\n").count == 1, "\(verifier.findings)")
        try await verifier.program.stop()
        try await ledger.stop()
        try copy.remove()
        try memory.remove()
    }

    /// A payload changes and goes under a ledger that runs; then somebody appends verdicts that are about nothing.
    private static func expectFindingsOfWhatEntriesSay(_ scene: TamperScene) async throws {
        let copy = try TamperCopy(of: "ledger", in: scene.directory, sharing: false)
        let memory = try TamperCopy(of: "verifier", in: scene.directory, sharing: false)
        let ledger = try await TestLedger.start(in: scene.directory, data: copy.name, TamperScene.options)
        let options = ["--rescan-seconds", "1"]
        let verifier = try TestVerifier(of: ledger, key: scene.key, in: scene.directory, name: memory.name, options)
        let payload = "payloads/\(try copy.list("payloads").first ?? "")"
        try copy.changeInPlace(payload, at: 1000) { $0 ^ 2 }
        try await verifier.waitForFinding("payload-altered", at: TamperScene.payloadIndex)
        try copy.removeFile(payload)
        try await verifier.waitForFinding("entry-missing", at: TamperScene.payloadIndex)

        // The first is about the entry before the one that it names, the second has another's hash.
        let model = try SHA256.hash(Array("model".utf8))
        for (event, hashed) in [(7, 6), (8, 0)] {
            let leaf = LeafHash.hash(scene.items[hashed].bytes)
            let verdict = Verdict(eventIndex: UInt64(event), leafHash: leaf)
            let batch = VerdictBatch(modelHash: model, schemaHash: model, slot: 0, verdicts: [verdict])
            let blind = [UInt8](repeating: UInt8(event), count: Entry.blindByteCount)
            let entry = Entry(blind: blind, stamp: nil, body: .verdicts(batch)).serialized
            let index = Int(try await ledger.client.status().durableSize)
            _ = try await ledger.client.append(Self.request(entry, by: UInt8(event)))
            try await verifier.waitForFinding("verdict-invalid", at: index)
            let verify = try await Program.indelible(
                "verify",
                "--log",
                ledger.rpc,
                "--vkey",
                "\(scene.key)",
                "--json",
                in: scene.directory,
            )
            #expect(verify.status == 1, "\(verify)")
            #expect(try verify.json["kind"]?.string == "verdict-invalid", "\(verify)")
        }
        #expect(verifier.findings.split(separator: "\n").count == 4, "\(verifier.findings)")
        try await verifier.program.stop()
        try await ledger.stop()
        try copy.remove()
        try memory.remove()
    }

    /// One entry of a producer of its own.
    private static func request(_ entry: [UInt8], by producer: UInt8) -> [UInt8] {
        var builder = AppendRequestBuilder(acknowledgement: .checkpointed)
        let position = builder.append(Producer(id: [200, producer], epoch: 1), firstSequence: 1)
        let noID: [UInt8] = []
        builder.append(entry: entry.span, kind: .verdicts, slot: 0, producer: position, eventID: noID.span)
        return builder.bytes
    }
}

extension TamperScene {
    fileprivate func giveKey(to copy: TamperCopy) throws {
        try copy.write(self.directory.read("ledger/log.key") ?? [], to: "log.key")
    }
}
