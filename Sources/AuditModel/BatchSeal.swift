internal import CIndelibleProto
package import Cryptography
package import Primitives
package import ProtobufC

/// A collector's signature over the entries directly before it: one signature proves the origin of a whole batch.
///
/// The signature is Ed25519 over `"indelible/seal/v1\n" || body`.
package struct BatchSeal: Equatable, ProtoMessage {
    /// A serialised ``SealBody``: the exact bytes that were signed.
    package var body: [UInt8]
    /// 64 bytes.
    package var signature: [UInt8]

    package init(body: [UInt8], signature: [UInt8]) {
        self.body = body
        self.signature = signature
    }

    private static let context = Array("indelible/seal/v1\n".utf8)

    /// Signs `body`.
    ///
    /// - Throws: ``IndelibleError/Code/internal`` when libcrypto fails.
    package init(signing body: SealBody, by key: Ed25519.SigningKey) throws(IndelibleError) {
        self.body = body.serialized
        self.signature = try key.sign(Self.context + self.body)
    }

    /// What the next seal of this collector names as ``SealBody/previous``.
    package var bodyHash: Digest {
        get throws(IndelibleError) { try SHA256.hash(self.body) }
    }

    /// Checks the signature, not what the seal says about entries.
    ///
    /// - Returns: what was signed.
    /// - Throws: ``IndelibleError/Code/dataLoss`` when `key` did not sign this, ``IndelibleError/Code/invalidArgument`` when
    ///   the body is malformed.
    package func verified(by key: CollectorKey) throws(IndelibleError) -> SealBody {
        guard Ed25519.verify(self.signature, of: Self.context + self.body, by: key.publicKey) else {
            throw IndelibleError(
                .dataLoss,
                "A seal's signature does not verify with the key of \(key.name). Treat the entries before it as forged.",
            )
        }
        let body = try SealBody(serialized: self.body)
        guard body.collector == key.name, body.keyID == key.keyID else {
            throw IndelibleError(
                .dataLoss,
                "A seal by the key of \(key.name) names another key, \(body.collector). Treat it as forged.",
            )
        }
        return body
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__batch_seal__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__BatchSeal) throws(IndelibleError) {
        unsafe self.init(body: generated.body.bytes, signature: generated.signature.bytes)
    }

    package func write(to writer: inout ProtoWriter) {
        writer.bytes(1, self.body)
        writer.bytes(2, self.signature)
    }
}
