internal import CIndelibleProto
package import Primitives
package import ProtobufC

/// A detection or masking rule enters, changes or leaves.
package struct RuleRecord: Equatable, ProtoMessage {
    /// SHA-256 of the rule's text.
    package var ruleHash: Digest
    package var name: String
    package var action: String
    package var text: String

    package init(
        ruleHash: Digest,
        name: String = "",
        action: String = "",
        text: String = "",
    ) {
        self.ruleHash = ruleHash
        self.name = name
        self.action = action
        self.text = text
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__rule_record__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__RuleRecord) throws(IndelibleError) {
        unsafe self.init(
            ruleHash: try Digest(field: "RuleRecord.rule_hash", generated.rule_hash),
            name: String(field: generated.name),
            action: String(field: generated.action),
            text: String(field: generated.text),
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.bytes(1, self.ruleHash.bytes)
        writer.text(2, self.name)
        writer.text(3, self.action)
        writer.text(4, self.text)
    }
}
