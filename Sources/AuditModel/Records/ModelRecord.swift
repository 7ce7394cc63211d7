internal import CIndelibleProto
package import Cryptography
package import Primitives
package import ProtobufC

/// A model enters service, changes its part or leaves.
package struct ModelRecord: Equatable, ProtoMessage {
    /// SHA-256 of the model file.
    package var modelHash: Digest
    /// SHA-256 of the feature schema's canonical text.
    package var schemaHash: Digest
    package var name: String
    /// `registered`, `shadowed`, `promoted` or `retired`.
    package var action: String
    /// JSON: provenance, metrics, thresholds.
    package var card: String
    /// 64 bytes, Ed25519 by the operator's root key over `"indelible/model/v1\n"` and the record without its signature.
    package var signature: [UInt8]

    package init(
        modelHash: Digest,
        schemaHash: Digest,
        name: String = "",
        action: String = "",
        card: String = "",
        signature: [UInt8] = [],
    ) {
        self.modelHash = modelHash
        self.schemaHash = schemaHash
        self.name = name
        self.action = action
        self.card = card
        self.signature = signature
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__model_record__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__ModelRecord) throws(IndelibleError) {
        unsafe self.init(
            modelHash: try Digest(field: "ModelRecord.model_hash", generated.model_hash),
            schemaHash: try Digest(field: "ModelRecord.schema_hash", generated.schema_hash),
            name: String(field: generated.name),
            action: String(field: generated.action),
            card: String(field: generated.card),
            signature: generated.signature.bytes,
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.bytes(1, self.modelHash.bytes)
        writer.bytes(2, self.schemaHash.bytes)
        writer.text(3, self.name)
        writer.text(4, self.action)
        writer.text(5, self.card)
        writer.bytes(6, self.signature)
    }
}

extension ModelRecord {
    private var signedBytes: [UInt8] {
        var unsigned = self
        unsigned.signature = []
        return Array("indelible/model/v1\n".utf8) + unsigned.serialized
    }

    /// The record with the operator's signature.
    ///
    /// - Throws: ``IndelibleError/Code/internal`` when libcrypto fails.
    package func signed(by root: Ed25519.SigningKey) throws(IndelibleError) -> ModelRecord {
        var record = self
        record.signature = try root.sign(self.signedBytes)
        return record
    }

    /// - Parameter root: 32 bytes, the operator's public key.
    package func isSigned(byRoot root: [UInt8]) -> Bool {
        Ed25519.verify(self.signature, of: self.signedBytes, by: root)
    }
}
