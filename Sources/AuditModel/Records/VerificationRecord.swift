internal import CIndelibleProto
package import Cryptography
package import Primitives
package import ProtobufC

/// A verifier's finding about the log up to a size, after it has read all of it.
///
/// The signature is Ed25519 over `"indelible/verification/v1\n" || record`, the record without its signature.
package struct VerificationRecord: Equatable, ProtoMessage {
    /// Name of the verifier's key.
    package var verifier: String
    /// Tree size that was verified.
    package var size: UInt64
    /// Root of that tree.
    package var root: Digest
    /// `verified`, or the kind of finding.
    package var result: String
    package var detail: String
    package var signature: [UInt8]

    package init(
        verifier: String = "",
        size: UInt64 = 0,
        root: Digest,
        result: String = "",
        detail: String = "",
        signature: [UInt8] = [],
    ) {
        self.verifier = verifier
        self.size = size
        self.root = root
        self.result = result
        self.detail = detail
        self.signature = signature
    }

    private static let context = Array("indelible/verification/v1\n".utf8)

    private var signedBytes: [UInt8] {
        var record = self
        record.signature = []
        return Self.context + record.serialized
    }

    /// Signs what the record says so far.
    ///
    /// - Throws: ``IndelibleError/Code/internal`` when libcrypto fails.
    package mutating func sign(by key: Ed25519.SigningKey) throws(IndelibleError) {
        self.signature = try key.sign(self.signedBytes)
    }

    /// Whether the holder of a key, 32 bytes, signed it.
    package func isSigned(by publicKey: [UInt8]) -> Bool {
        Ed25519.verify(self.signature, of: self.signedBytes, by: publicKey)
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__verification_record__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__VerificationRecord) throws(IndelibleError) {
        unsafe self.init(
            verifier: String(field: generated.verifier),
            size: generated.size,
            root: try Digest(field: "VerificationRecord.root", generated.root),
            result: String(field: generated.result),
            detail: String(field: generated.detail),
            signature: generated.signature.bytes,
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.text(1, self.verifier)
        writer.varint(2, self.size)
        writer.bytes(3, self.root.bytes)
        writer.text(4, self.result)
        writer.text(5, self.detail)
        writer.bytes(6, self.signature)
    }
}
