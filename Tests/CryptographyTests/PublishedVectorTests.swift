// Goal: the answers that the standards print. Each test names its source.
import CHashing
import Cryptography
import Primitives
import Testing

struct PublishedVectorTests {
    private static func bytes(_ hex: String) throws -> [UInt8] { try #require(Hex.decode(hex)) }

    /// FIPS 180-2, appendix B, and the empty message of NIST's SHAVS.
    static let messages: [(message: String, digest: String)] = [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        ),
        (
            String(repeating: "a", count: 1_000_000),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
        ),
    ]

    @Test(arguments: messages) func sha256(message: String, digest: String) throws {
        let message = Array(message.utf8)
        #expect(try SHA256.hash(message).hex == digest)
        var own = [UInt8](repeating: 0, count: Digest.byteCount)
        unsafe ind_sha256(-1, message, message.count, &own)
        #expect(Hex.encode(own) == digest)
    }

    @Test func sha256InPieces() throws {
        let message = Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8)
        for cut in 0...message.count {
            #expect(try SHA256.hash(Array(message[..<cut]), Array(message[cut...])).hex == Self.messages[2].digest)
        }
    }

    /// RFC 8032, section 7.1: tests 1, 2, 3 and SHA(abc).
    static let signatures: [(seed: String, publicKey: String, message: String, signature: String)] = [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe"
                + "24655141438e7a100b",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302a"
                + "eeb00d291612bb0c00",
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed2"
                + "8dc027beceea1ec40a",
        ),
        (
            "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
            "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce8"
                + "0e2a9ac94fa54ca49f",
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac1"
                + "7ad9bef1177331a704",
        ),
    ]

    @Test(arguments: 0..<4) func ed25519(number: Int) throws {
        let row = Self.signatures[number]
        let key = try Ed25519.SigningKey(seed: Self.bytes(row.seed))
        let (message, signature) = (try Self.bytes(row.message), try Self.bytes(row.signature))
        #expect(Hex.encode(key.publicKey) == row.publicKey)
        #expect(try key.sign(message) == signature)
        let verifyKey = try Ed25519.VerifyKey(key.publicKey)
        #expect(Ed25519.verify(signature, of: message, by: key.publicKey))
        #expect(verifyKey.verify(signature, of: message))
        for byte in signature.indices {
            var altered = signature
            altered[byte] ^= 0x01
            #expect(!Ed25519.verify(altered, of: message, by: key.publicKey))
            #expect(!verifyKey.verify(altered, of: message))
        }
        #expect(!verifyKey.verify(signature, of: message + [0]))
        #expect(!verifyKey.verify(signature.dropLast(), of: message))
        #expect(!Ed25519.verify(signature, of: message, by: []))
    }

    @Test func keysOfAWrongLengthAreRefused() {
        for count in [0, 31, 33] {
            #expect(throws: IndelibleError.self) { try Ed25519.VerifyKey([UInt8](repeating: 1, count: count)) }
            #expect(throws: IndelibleError.self) { try Ed25519.SigningKey(seed: [UInt8](repeating: 1, count: count)) }
        }
    }

    /// RFC 3720, appendix B.4.
    @Test func crc32c() {
        #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xe306_9283)
        #expect(CRC32C.checksum([UInt8](repeating: 0x00, count: 32)) == 0x8a91_36aa)
        #expect(CRC32C.checksum([UInt8](repeating: 0xff, count: 32)) == 0x62a8_ab43)
        #expect(CRC32C.checksum(Array(0..<32)) == 0x46dd_794e)
        #expect(CRC32C.checksum(Array((0..<32).reversed())) == 0x113f_db5c)
    }

    /// RFC 4231, sections 4.2, 4.3 and 4.7.
    @Test func hmac() throws {
        #expect(
            try HMACSHA256.authenticate(Array("Hi There".utf8), key: [UInt8](repeating: 0x0b, count: 20)).hex
                == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        )
        #expect(
            try HMACSHA256.authenticate(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8)).hex
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        )
        let message = Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8)
        #expect(
            try HMACSHA256.authenticate(message, key: [UInt8](repeating: 0xaa, count: 131)).hex
                == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        )
    }

    /// The Galois/Counter Mode of Operation (McGrew and Viega), appendix B, test cases 13, 14 and 16.
    @Test func aes256GCM() throws {
        let zeroKey = [UInt8](repeating: 0, count: 32)
        let zeroNonce = [UInt8](repeating: 0, count: 12)
        let empty = try AEAD.seal([], key: zeroKey, nonce: zeroNonce, context: [])
        #expect(Hex.encode(Array(empty.dropFirst(12))) == "530f8afbc74536b9a963b4f1c4cb738b")
        let block = try AEAD.seal([UInt8](repeating: 0, count: 16), key: zeroKey, nonce: zeroNonce, context: [])
        #expect(
            Hex.encode(Array(block.dropFirst(12)))
                == "cea7403d4d606b6e074ec5d3baf39d18" + "d0d1c8a799996bf0265b98b5d48ab919"
        )
        let key = try Self.bytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")
        let message = try Self.bytes(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0d"
                + "e657ba637b39"
        )
        let context = try Self.bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2")
        let sealed = try AEAD.seal(message, key: key, nonce: Self.bytes("cafebabefacedbaddecaf888"), context: context)
        #expect(
            Hex.encode(Array(sealed.dropFirst(12)))
                == "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba"
                + "7a0abcc9f662" + "76fc6ece0f4e1768cddf8853bb2d551b"
        )
        #expect(try AEAD.open(sealed, key: key, context: context) == message)
    }
}
