import AuditModel
import Cryptography
import Primitives
import ProtobufC
import Testing

@Suite struct SealTests {
    static func key(_ byte: UInt8) throws -> Ed25519.SigningKey {
        try Ed25519.SigningKey(seed: [UInt8](repeating: byte, count: 32))
    }

    private func sealed() throws -> (seal: BatchSeal, key: CollectorKey) {
        let key = try Self.key(1)
        let collector = try CollectorKey(name: "ingest.example", publicKey: key.publicKey)
        var body = try Samples.sealBody()
        body.keyID = collector.keyID
        return (try BatchSeal(signing: body, by: key), collector)
    }

    @Test func signsTheStatedBytes() throws {
        let (seal, collector) = try self.sealed()
        let signed = Array("indelible/seal/v1\n".utf8) + seal.body
        #expect(Ed25519.verify(seal.signature, of: signed, by: collector.publicKey))
        #expect(try seal.verified(by: collector).count == 1000)
    }

    @Test func refusesAnotherKeyNameOrByte() throws {
        let (seal, collector) = try self.sealed()
        let other = try CollectorKey(name: collector.name, publicKey: Self.key(2).publicKey)
        #expect(throws: IndelibleError.self) { try seal.verified(by: other) }
        let renamed = try CollectorKey(name: "other", publicKey: collector.publicKey)
        #expect(throws: IndelibleError.self) { try seal.verified(by: renamed) }
        for position in seal.body.indices {
            var changed = seal
            changed.body[position] ^= 1
            let error = #expect(throws: IndelibleError.self) { try changed.verified(by: collector) }
            #expect(error?.code == .dataLoss)
        }
    }

    /// The key id by hand: SHA-256("PeterNeumann" || LF || 0x01 || key) as in golang.org/x/mod/sumdb/note's example key.
    @Test func keyIDIsThatOfSignedNote() throws {
        let publicKey = try #require(Base64.decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"))
        let key = try CollectorKey(name: "PeterNeumann", publicKey: Array(publicKey.dropFirst()))
        #expect(key.verifierKey == "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    }

    @Test(arguments: ["", "two words", "a+b", "tab\t", String(repeating: "n", count: 256)])
    func refusesNames(_ name: String) {
        #expect(throws: IndelibleError.self) {
            try CollectorKey(name: name, publicKey: [UInt8](repeating: 1, count: 32))
        }
    }

    @Test func keyRecordNeedsTheRoot() throws {
        let root = try Self.key(3)
        let record = try KeyRecord(signing: Samples.keyBody(), by: root)
        #expect(try record.verified(byRoot: root.publicKey) == Samples.keyBody())
        #expect(throws: IndelibleError.self) { try record.verified(byRoot: Self.key(4).publicKey) }
        var changed = record
        changed.body[3] ^= 1
        #expect(throws: IndelibleError.self) { try changed.verified(byRoot: root.publicKey) }
    }

    @Test func payloadCommitment() throws {
        let salt = [UInt8](repeating: 0xaa, count: 16)
        let payload = try DetachedPayload(payload: [1, 2, 3], salt: salt)
        #expect(payload.commitment == (try SHA256.hash(Array("indelible/payload/v1\n".utf8) + salt + [1, 2, 3])))
        #expect(payload.byteCount == 3)
        #expect(try payload.matches(payload: [1, 2, 3], salt: salt))
        #expect(try !payload.matches(payload: [1, 2], salt: salt))
        #expect(throws: IndelibleError.self) { try DetachedPayload(payload: [1], salt: [1]) }
    }
}
