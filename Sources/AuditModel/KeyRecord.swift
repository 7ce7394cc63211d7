internal import CIndelibleProto
package import Cryptography
package import Primitives
package import ProtobufC

/// A key enters or leaves; only the operator's root key, which verifiers hold in their policy, can say so.
///
/// The signature is Ed25519 over `"indelible/key/v1\n" || body`.
package struct KeyRecord: Equatable, ProtoMessage {
    /// What the root key signs.
    package struct Body: Equatable, ProtoMessage {
        package var name: String
        /// 32 bytes, Ed25519.
        package var publicKey: [UInt8]
        /// `collector`, `log`, `witness` or `analyzer`.
        package var purpose: String
        /// `enrolled` or `retired`.
        package var action: String
        /// Nanoseconds since the Unix epoch.
        package var fromNanoseconds: UInt64

        package init(name: String, publicKey: [UInt8], purpose: String, action: String, fromNanoseconds: UInt64) {
            self.name = name
            self.publicKey = publicKey
            self.purpose = purpose
            self.action = action
            self.fromNanoseconds = fromNanoseconds
        }

        package static let codec = unsafe ProtoCodec(indelible__v1__key_body__init, Self.init(generated:))

        @unsafe private init(generated: Indelible__V1__KeyBody) throws(IndelibleError) {
            unsafe self.init(
                name: String(field: generated.name),
                publicKey: generated.public_key.bytes,
                purpose: String(field: generated.purpose),
                action: String(field: generated.action),
                fromNanoseconds: generated.from_ns,
            )
        }

        package func write(to writer: inout ProtoWriter) {
            writer.text(1, self.name)
            writer.bytes(2, self.publicKey)
            writer.text(3, self.purpose)
            writer.text(4, self.action)
            writer.fixed64(5, self.fromNanoseconds)
        }
    }

    /// A serialised ``Body``: the exact bytes that were signed.
    package var body: [UInt8]
    /// 64 bytes, by the operator's root key.
    package var signature: [UInt8]

    package init(body: [UInt8], signature: [UInt8]) {
        self.body = body
        self.signature = signature
    }

    private static let context = Array("indelible/key/v1\n".utf8)

    /// Signs `body`.
    ///
    /// - Throws: ``IndelibleError/Code/internal`` when libcrypto fails.
    package init(signing body: Body, by root: Ed25519.SigningKey) throws(IndelibleError) {
        self.body = body.serialized
        self.signature = try root.sign(Self.context + self.body)
    }

    /// - Returns: what was signed.
    /// - Throws: ``IndelibleError/Code/dataLoss`` when `root` did not sign this, ``IndelibleError/Code/invalidArgument`` when
    ///   the body is malformed.
    package func verified(byRoot root: [UInt8]) throws(IndelibleError) -> Body {
        guard Ed25519.verify(self.signature, of: Self.context + self.body, by: root) else {
            throw IndelibleError(
                .dataLoss,
                "A key record is not signed by the operator's root key. Do not trust the key that it names.",
            )
        }
        return try Body(serialized: self.body)
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__key_record__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__KeyRecord) throws(IndelibleError) {
        unsafe self.init(body: generated.body.bytes, signature: generated.signature.bytes)
    }

    package func write(to writer: inout ProtoWriter) {
        writer.bytes(1, self.body)
        writer.bytes(2, self.signature)
    }
}
