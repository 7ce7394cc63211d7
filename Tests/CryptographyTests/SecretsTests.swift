// Goal: sealed bytes open only unaltered and in their place; checksums and comparisons hold at every length.
import CHashing
import Cryptography
import Primitives
import Testing

struct SecretsTests {
    @Test func sealedBytesOpenOnlyUnalteredAndInTheirPlace() throws {
        var random = SplitMix64(seed: 1)
        let (key, other) = (random.bytes(32), random.bytes(32))
        let context = Array("segment 7".utf8)
        for count in [0, 1, 15, 16, 17, 100] {
            let message = random.bytes(count)
            let sealed = try AEAD.seal(message, key: key, context: context)
            #expect(sealed.count == count + AEAD.overheadByteCount)
            #expect(try AEAD.open(sealed, key: key, context: context) == message)
            #expect(throws: IndelibleError.self) { try AEAD.open(sealed, key: other, context: context) }
            #expect(throws: IndelibleError.self) { try AEAD.open(sealed, key: key, context: Array("segment 8".utf8)) }
            #expect(throws: IndelibleError.self) { try AEAD.open(sealed, key: key) }
            for byte in sealed.indices {
                var altered = sealed
                altered[byte] ^= 0x80
                #expect(throws: IndelibleError.self) { try AEAD.open(altered, key: key, context: context) }
                #expect(throws: IndelibleError.self) {
                    try AEAD.open(Array(sealed[..<byte]), key: key, context: context)
                }
            }
        }
    }

    @Test func everySealTakesANewNonce() throws {
        let key = [UInt8](repeating: 7, count: 32)
        let nonces = try (0..<100).map { _ in Array(try AEAD.seal([1], key: key).prefix(AEAD.nonceByteCount)) }
        #expect(Set(nonces).count == nonces.count)
    }

    @Test func wrongKeysAndNoncesAreRefusedByLength() {
        for count in [0, 16, 31, 33] {
            let key = [UInt8](repeating: 0, count: count)
            #expect(throws: IndelibleError.self) { try AEAD.seal([1], key: key) }
            #expect(throws: IndelibleError.self) { try AEAD.open([UInt8](repeating: 0, count: 40), key: key) }
        }
        let key = [UInt8](repeating: 0, count: 32)
        #expect(throws: IndelibleError.self) { try AEAD.seal([1], key: key, nonce: [1, 2, 3], context: []) }
    }

    @Test func comparesEveryByte() {
        for count in 0...70 {
            let bytes = [UInt8](repeating: 0x5a, count: count)
            #expect(ConstantTime.equal(bytes, bytes))
            #expect(!ConstantTime.equal(bytes, bytes + [0x5a]))
            for position in 0..<count {
                var other = bytes
                other[position] ^= 0x01
                #expect(!ConstantTime.equal(bytes, other))
            }
        }
    }

    @Test func checksumIsTheSameInHardwareAndInC() {
        var random = SplitMix64(seed: 2)
        for count in Array(0...70) + [3_071, 3_072, 3_073, 6_143, 6_144, 9_999, 100_000] {
            let bytes = random.bytes(count)
            let portable = unsafe ind_crc32c_portable(0, bytes, count)
            #expect(CRC32C.checksum(bytes) == portable, "\(count) bytes")
            #expect(CRC32C.checksum(bytes.span) == portable)
            let cut = count / 3
            let first = CRC32C.checksum(Array(bytes[..<cut]))
            #expect(CRC32C.checksum(Array(bytes[cut...]), seed: first) == portable, "\(count) bytes in two pieces")
        }
    }
}
