import Primitives
import Testing
import TransparencyLog

/// Goal: what parses is a fixed point: written back, it is the same bytes.
///
/// Method: tables of both, then every bit of known signatures flipped.
@Suite struct SignedNoteTests {
    private static let blob = "AAECAwQ="  // A key ID and one byte.

    @Test(arguments: [
        "text\n\n— a \(blob)\n",
        "\n\n— a \(blob)\n",
        "two\n\nparagraphs\n\n— a \(blob)\n",
        "text\n\n\n— a \(blob)\n",
        "— a \(blob)\n\n— a \(blob)\n",
        "text with \u{7f} and é\n\n— a \(blob)\n— b \(blob)\n",
        "text\n\n— café/☃ \(blob)\n",
    ])
    func readsAndWrites(text: String) throws {
        #expect(try SignedNote(parsing: Array(text.utf8)).serialized == text)
    }

    @Test(arguments: [
        "",
        "\n",
        "\n\n",
        "text\n",
        "text\n\n",
        "text\n— a \(blob)\n",  // No empty line.
        "text\n\n— a \(blob)",  // No line feed at the end.
        "text\n\n— a \(blob)\n\n",
        "te\rxt\n\n— a \(blob)\n",
        "te\txt\n\n— a \(blob)\n",
        "te\u{0}xt\n\n— a \(blob)\n",
        "text\r\n\r\n— a \(blob)\r\n",
        "text\n\n– a \(blob)\n",  // An en dash.
        "text\n\n- a \(blob)\n",
        "text\n\n—a \(blob)\n",
        "text\n\n—  a \(blob)\n",
        "text\n\n— a  \(blob)\n",
        "text\n\n— a \(blob) \n",
        "text\n\n— a b \(blob)\n",
        "text\n\n— a+b \(blob)\n",
        "text\n\n— \u{a0} \(blob)\n",
        "text\n\n—  \(blob)\n",
        "text\n\n— a\n",
        "text\n\n— a \n",
        "text\n\n— a AAECAw==\n",  // Four bytes: a key ID without a signature.
        "text\n\n— a AAECAwR=\n",
        "text\n\n— a AAECAwQ\n",
        "text\n\n— a AAEC_wQ=\n",
        "text\n\n— a \(blob)\nmore\n— a \(blob)\n",
    ])
    func refuses(text: String) {
        #expect { try SignedNote(parsing: Array(text.utf8)) } throws: {
            ($0 as? IndelibleError)?.code == .invalidArgument
        }
    }

    @Test(arguments: [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x80]] as [[UInt8]])
    func refusesWhatIsNotUTF8(bytes: [UInt8]) {
        let line = Array("\n\n— a \(Self.blob)\n".utf8)
        #expect(throws: IndelibleError.self) { try SignedNote(parsing: bytes + line) }
        #expect(throws: IndelibleError.self) {
            try SignedNote(parsing: Array("text\n\n— ".utf8) + bytes + Array(" \(Self.blob)\n".utf8))
        }
    }

    @Test func boundsBytesAndSignatures() throws {
        let lines = { (count: Int) in
            (0..<count).map { "— key\($0) \(Self.blob)\n" }.joined()
        }
        let full = try SignedNote(parsing: Array("text\n\n\(lines(SignedNote.signatureCountMax))".utf8))
        #expect(full.signatures.count == SignedNote.signatureCountMax)
        #expect(throws: IndelibleError.self) {
            try SignedNote(parsing: Array("text\n\n\(lines(SignedNote.signatureCountMax + 1))".utf8))
        }
        let line = Array("\n\n— a \(Self.blob)\n".utf8)
        let longest = [UInt8](repeating: 0x61, count: SignedNote.byteCountMax - line.count)
        #expect(try SignedNote(parsing: longest + line).bytes.count == SignedNote.byteCountMax)
        #expect(throws: IndelibleError.self) { try SignedNote(parsing: [0x61] + longest + line) }
    }

    @Test func ignoresUnknownKeys() throws {
        let grease = (0..<15).map { "— grease.example/\($0) \(Self.blob)\n" }.joined()
        let sameName = "— log.example/indelible-test \(Self.blob)\n"
        let sameIdentifier = "— other.example D4X53Q8=\n"
        let note = try SignedNote(
            parsing: Array((WorkedValues.note(7) + grease + sameName + sameIdentifier).utf8)
        )
        let key = try VerifierKey(parsing: WorkedValues.logKey)
        #expect(try note.verified(by: [key]).map(\.key) == [key])
        let stranger = try VerifierKey(parsing: WorkedValues.witnessKey)
        #expect { try note.verified(by: [stranger]) } throws: { ($0 as? IndelibleError)?.code == .unauthenticated }
        #expect(try note.checked(by: [stranger]).isEmpty)
    }

    /// One flipped bit in a known key's signature spoils the note, even beside a valid one by another known key.
    @Test func refusesAnyBrokenKnownSignature() throws {
        let log = try VerifierKey(parsing: WorkedValues.logKey)
        let witness = try VerifierKey(parsing: WorkedValues.witnessKey)
        let note = try SignedNote(parsing: Array(WorkedValues.note(7, witnessed: true).utf8))
        for (position, signature) in note.signatures.enumerated() {
            for bit in 0..<signature.bytes.count * 8 {
                var bytes = signature.bytes
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                var signatures = note.signatures
                signatures[position] = NoteSignature(
                    name: signature.name,
                    keyIdentifier: signature.keyIdentifier,
                    bytes: bytes,
                )
                let broken = try SignedNote(text: note.text, signatures: signatures)
                #expect { try broken.verified(by: [log, witness]) } throws: {
                    ($0 as? IndelibleError)?.code == .dataLoss
                }
            }
        }
    }

    @Test func refusesAnyBrokenText() throws {
        let log = try VerifierKey(parsing: WorkedValues.logKey)
        let note = try SignedNote(parsing: Array(WorkedValues.note(7).utf8))
        for position in note.text.utf8.indices where note.text.utf8[position] != 0x0a {
            var text = Array(note.text.utf8)
            text[note.text.utf8.distance(from: note.text.startIndex, to: position)] ^= 1
            guard
                let broken = try? SignedNote(text: String(decoding: text, as: UTF8.self), signatures: note.signatures)
            else { continue }
            #expect(throws: IndelibleError.self) { try broken.verified(by: [log]) }
        }
    }

    @Test func aKeyHasOneLine() throws {
        var note = try SignedNote(parsing: Array(WorkedValues.note(7, witnessed: true).utf8))
        let again = try WorkedValues.cosigner.cosign(WorkedValues.checkpoint(7), at: WorkedValues.witnessTime + 1)
        try note.add(again)
        #expect(note.signatures.count == 2)
        let witness = try VerifierKey(parsing: WorkedValues.witnessKey)
        #expect(try note.verified(by: [witness]).map(\.timestamp) == [WorkedValues.witnessTime + 1])
    }

    @Test func keepsLinesItCannotVerify() throws {
        let future = try VerifierKey(name: "future.example", type: .unknown(6), publicKey: [1, 2, 3])
        var note = try SignedNote(parsing: Array(WorkedValues.note(7).utf8))
        try note.add(NoteSignature(name: future.name, keyIdentifier: future.identifier, bytes: [1]))
        let log = try VerifierKey(parsing: WorkedValues.logKey)
        #expect(try note.verified(by: [log, future]).map(\.key) == [log])
        #expect(try SignedNote(parsing: note.bytes) == note)
    }
}
