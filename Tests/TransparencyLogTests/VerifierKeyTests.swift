import Primitives
import Testing
import TransparencyLog

@Suite struct VerifierKeyTests {
    /// Two of our own; the third is in the C2SP signed-note specification.
    @Test(arguments: [
        (WorkedValues.logKey, KeyType.ed25519, UInt32(0x0f85_f9dd)),
        (WorkedValues.witnessKey, .cosignature, 0x2032_4abe),
        ("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .ed25519, 0x530d_903a),
    ])
    func readsAndWrites(text: String, type: KeyType, identifier: UInt32) throws {
        let key = try VerifierKey(parsing: text)
        #expect(key.type == type)
        #expect(key.identifier == identifier)
        #expect(key.description == text)
    }

    @Test func theTypeIsPartOfTheIdentifier() throws {
        let key = try VerifierKey(parsing: WorkedValues.witnessKey)
        let sameBytes = try VerifierKey(name: key.name, type: .ed25519, publicKey: key.publicKey)
        #expect(sameBytes.identifier == 0x484b_c619)
        #expect(sameBytes != key)
    }

    @Test func keepsUnknownTypes() throws {
        let key = try VerifierKey(name: "future.example", type: .unknown(0xfa), publicKey: [1, 2, 3])
        #expect(try VerifierKey(parsing: key.description) == key)
        #expect(!key.isVerifiable)
    }

    /// An ECDSA key's identifier is a hash of the key alone, so its name does not matter.
    @Test func followsTheRuleOfECDSA() throws {
        let one = try VerifierKey(name: "one.example", type: .unknown(2), publicKey: [1, 2, 3])
        let two = try VerifierKey(name: "two.example", type: .unknown(2), publicKey: [1, 2, 3])
        #expect(one.identifier == two.identifier)
        #expect(one.identifier == 0x0390_58c6)  // SHA-256 of 01 02 03.
    }

    @Test(arguments: [
        "",
        "log.example/indelible-test",
        "log.example/indelible-test+0f85f9dd",
        "log.example/indelible-test+0f85f9dd+",
        "log.example/indelible-test+0F85F9DD+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
        "log.example/indelible-test+0f85f9de+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
        "log.example/indelible-tesu+0f85f9dd+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
        "log.example/indelible-test+0f85f9dd+AQOhB7/zzhC-HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
        "log.example/indelible-test+0f85f9dd+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4\n",
        "log.example/indelible test+0f85f9dd+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
        "log.example/indelible-test+0f85f9dd+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTE=",
        "+0f85f9dd+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
    ])
    func refuses(text: String) {
        #expect { try VerifierKey(parsing: text) } throws: { ($0 as? IndelibleError)?.code == .invalidArgument }
    }

    @Test(arguments: ["", "a b", "a+b", "a\u{a0}b", "a\u{2028}b", "a\u{3000}", "a\nb", "a\u{1}b"])
    func refusesNames(name: String) {
        #expect(throws: IndelibleError.self) {
            try VerifierKey(name: name, type: .ed25519, publicKey: [UInt8](repeating: 1, count: 32))
        }
    }
}

@Suite struct NoteSignerTests {
    @Test func readsAndWritesGoPrivateKeys() throws {
        let text = try NoteSigner.privateKey(
            name: WorkedValues.origin,
            type: .ed25519,
            seed: WorkedValues.logSeed,
        )
        #expect(text == WorkedValues.logPrivateKey)
        #expect(try NoteSigner(privateKey: text).verifierKey.description == WorkedValues.logKey)
        #expect(try NoteSigner(privateKey: text + "\n").verifierKey.description == WorkedValues.logKey)
    }

    @Test func readsAndWritesCosigners() throws {
        let signer = try WorkedValues.cosigner
        #expect(signer.verifierKey.description == WorkedValues.witnessKey)
        let text = try NoteSigner.privateKey(name: signer.name, type: .cosignature, seed: WorkedValues.witnessSeed)
        #expect(try NoteSigner(privateKey: text).verifierKey == signer.verifierKey)
    }

    @Test(arguments: [
        "",
        WorkedValues.logKey,
        "PRIVATE+KEY+log.example/indelible-test+0f85f9de+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
        "PRIVATE+KEY+log.example/indelible-test+0f85f9dd+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4=",
        "PRIVATE+KEY+log.example/indelible-test+0f85f9dd",
    ])
    func refuses(text: String) {
        #expect { try NoteSigner(privateKey: text) } throws: { error in
            guard let error = error as? IndelibleError else { return false }
            return error.code == .invalidArgument && !error.message.contains("AQABAg")
        }
    }

    @Test func eachKeyHasOneUse() throws {
        let checkpoint = try WorkedValues.checkpoint(7)
        #expect { try WorkedValues.signer.cosign(checkpoint, at: 1) } throws: {
            ($0 as? IndelibleError)?.code == .failedPrecondition
        }
        #expect { try WorkedValues.cosigner.sign(checkpoint.text) } throws: {
            ($0 as? IndelibleError)?.code == .failedPrecondition
        }
        #expect { try WorkedValues.cosigner.cosign(checkpoint, at: 0) } throws: {
            ($0 as? IndelibleError)?.code == .outOfRange
        }
    }
}
