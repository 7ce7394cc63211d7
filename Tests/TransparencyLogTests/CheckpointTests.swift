import Cryptography
import Primitives
import Testing
import TransparencyLog

@Suite struct CheckpointTests {
    @Test(arguments: [0, 3, 7] as [UInt64])
    func signsAsWorkedOut(size: UInt64) throws {
        let signed = try SignedCheckpoint(WorkedValues.checkpoint(size), signer: WorkedValues.signer)
        #expect(signed.note.serialized == (try WorkedValues.note(size)))
    }

    @Test func cosignsAsWorkedOut() throws {
        var signed = try SignedCheckpoint(WorkedValues.checkpoint(7), signer: WorkedValues.signer)
        try signed.add(WorkedValues.cosigner.cosign(signed.checkpoint, at: WorkedValues.witnessTime))
        #expect(signed.note.serialized == (try WorkedValues.note(7, witnessed: true)))
        #expect(signed.bytes.count == 327)
        #expect(
            try SHA256.hash(signed.bytes).hex == "57a82425a664e8bb566c37881150d14d693dc56ddf10a844078401e0329b9ff6"
        )
        let message = Cosignature.message(signed.checkpoint.text, timestamp: WorkedValues.witnessTime)
        #expect(message.count == 105)
        #expect(try SHA256.hash(message).hex == "f082f0a39e34eca6ba938ca38af360e3004f51d28323bc730c93d92eee20b5a8")
    }

    @Test func verifiesAsWorkedOut() throws {
        let note = try SignedNote(parsing: Array(WorkedValues.note(7, witnessed: true).utf8))
        let log = try VerifierKey(parsing: WorkedValues.logKey)
        let witness = try VerifierKey(parsing: WorkedValues.witnessKey)
        let verified = try note.verified(by: [witness, log])
        #expect(verified.map(\.key) == [log, witness])
        #expect(verified.map(\.timestamp) == [nil, WorkedValues.witnessTime])
        #expect(try SignedCheckpoint(note).checkpoint == WorkedValues.checkpoint(7))
        #expect(try SignedCheckpoint(note).reduced(to: [log]).bytes == Array(WorkedValues.note(7).utf8))
    }

    @Test func namesTheLogThatSigned() throws {
        let key = try VerifierKey(parsing: WorkedValues.logKey)
        let other = try Checkpoint(origin: "other.example/log", size: 0, root: WorkedValues.checkpoint(0).root)
        let signed = try SignedCheckpoint(other, signer: WorkedValues.signer)
        #expect { try SignedCheckpoint(parsing: signed.bytes, signedBy: key) } throws: {
            ($0 as? IndelibleError)?.code == .unauthenticated
        }
        let bytes = try Array(WorkedValues.note(3).utf8)
        #expect(try SignedCheckpoint(parsing: bytes, signedBy: key).checkpoint.size == 3)
    }

    private static let root = "kTlgHMHKirKnoMLBNMBIRfKxulSag9bIRc/NpDnMWF0="

    @Test(arguments: [
        "log.example/a\n7\n\(root)\n",
        "log.example/a\n0\n\(root)\n",
        "log.example/a\n9223372036854775807\n\(root)\n",
        "a log with spaces + more\n7\n\(root)\n",
        "log.example/a\n7\n\(root)\nextension\n",
        "log.example/a\n7\n\(root)\nextension\nanother\n",
    ])
    func readsAndWrites(text: String) throws {
        #expect(try Checkpoint(parsing: text).text == text)
    }

    @Test(arguments: [
        "",
        "\n",
        "\n7\n\(root)\n",
        "log.example/a\n7\n",
        "log.example/a\n7\n\(root)",
        "log.example/a\n007\n\(root)\n",
        "log.example/a\n+7\n\(root)\n",
        "log.example/a\n-1\n\(root)\n",
        "log.example/a\n\n\(root)\n",
        "log.example/a\n7 \n\(root)\n",
        "log.example/a\n0x7\n\(root)\n",
        "log.example/a\n٧\n\(root)\n",
        "log.example/a\n9223372036854775808\n\(root)\n",
        "log.example/a\n18446744073709551623\n\(root)\n",
        "log.example/a\n99999999999999999999999\n\(root)\n",
        "log.example/a\n7\nkTlgHMHKirKnoMLBNMBIRfKxulSag9bIRc_NpDnMWF0=\n",
        "log.example/a\n7\nkTlgHMHKirKnoMLBNMBIRfKxulSag9bIRc/NpDnMWF0\n",
        "log.example/a\n7\nkTlgHMHKirKnoMLBNMBIRfKxulSag9bIRc/NpDnMWF1=\n",
        "log.example/a\n7\nkTlgHMHKirKnoMLBNMBIRfKxulSag9bIRc/NpDnMWA==\n",
        "log.example/a\n7\nkTlgHMHKirKnoMLBNMBIRfKxulSag9bIRc/NpDnMWF0A\n",
        "log.example/a\n7\n\(root)\n\n",
        "log.example/a\n7\n\(root)\n\nextension\n",
        "log.example/a\n7\n\(root)\nextension",
        "log.example/a\r\n7\n\(root)\n",
    ])
    func refuses(text: String) {
        #expect { try Checkpoint(parsing: text) } throws: { ($0 as? IndelibleError)?.code == .invalidArgument }
    }

    @Test func boundsTheOriginAndTheExtensions() throws {
        let root = try WorkedValues.checkpoint(7).root
        let longest = String(repeating: "a", count: Checkpoint.originByteCountMax)
        #expect(try Checkpoint(origin: longest, size: 1, root: root).origin == longest)
        #expect(throws: IndelibleError.self) { try Checkpoint(origin: longest + "a", size: 1, root: root) }
        let lines = [String](repeating: "x", count: Checkpoint.extensionCountMax + 1)
        let text = "log.example/a\n7\n\(Self.root)\n" + lines.map { $0 + "\n" }.joined()
        #expect(throws: IndelibleError.self) { try Checkpoint(parsing: text) }
        #expect(try Checkpoint(parsing: String(text.dropLast(2))).extensions.count == Checkpoint.extensionCountMax)
    }

    /// `String` holds these two for equal; a log that could pass for another by it would split the view.
    @Test func comparesOriginsByTheirBytes() throws {
        let root = try WorkedValues.checkpoint(7).root
        let composed = try Checkpoint(origin: "log.example/caf\u{e9}", size: 1, root: root)
        let decomposed = try Checkpoint(origin: "log.example/cafe\u{301}", size: 1, root: root)
        #expect(composed.origin == decomposed.origin)
        #expect(composed != decomposed)
    }
}
