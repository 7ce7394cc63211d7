internal import CIndelibleProto
package import Primitives
package import ProtobufC

/// Verdicts of one model, or of one rule set, about the events of one slot, packed into one entry.
package struct VerdictBatch: Equatable, ProtoMessage {
    /// SHA-256 of the model file, or the rule set's hash.
    package var modelHash: Digest
    /// SHA-256 of the feature schema's canonical text, or of the name of the rules' semantics.
    package var schemaHash: Digest
    package var slot: UInt32
    package var verdicts: [Verdict]
    /// SHA-256 over the rules' hashes; `nil` for verdicts of a model.
    package var ruleSetHash: Digest?

    package init(
        modelHash: Digest,
        schemaHash: Digest,
        slot: UInt32,
        verdicts: [Verdict],
        ruleSetHash: Digest? = nil,
    ) {
        self.modelHash = modelHash
        self.schemaHash = schemaHash
        self.slot = slot
        self.verdicts = verdicts
        self.ruleSetHash = ruleSetHash
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__verdict_batch__init, Self.init(generated:))

    /// An entry's 65,535 bytes of packed numbers and small messages can take some forty times that in memory.
    package static var limits: ProtoLimits { ProtoLimits(arenaByteCountMax: 4 << 20) }

    @unsafe private init(generated: Indelible__V1__VerdictBatch) throws(IndelibleError) {
        unsafe self.init(
            modelHash: try Digest(field: "VerdictBatch.model_hash", generated.model_hash),
            schemaHash: try Digest(field: "VerdictBatch.schema_hash", generated.schema_hash),
            slot: generated.slot,
            verdicts: try Verdict.all(generated.verdicts, count: generated.n_verdicts),
            ruleSetHash: generated.rule_set_hash.len == 0
                ? nil : try Digest(field: "VerdictBatch.rule_set_hash", generated.rule_set_hash),
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.bytes(1, self.modelHash.bytes)
        writer.bytes(2, self.schemaHash.bytes)
        writer.varint(3, UInt64(self.slot))
        writer.messages(4, self.verdicts)
        writer.bytes(5, self.ruleSetHash?.bytes ?? [])
    }
}
