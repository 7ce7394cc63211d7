internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// Somebody silences a rule for a time.
package struct MuteRecord: Equatable, ProtoMessage {
    package var rule: String
    package var author: String
    package var reason: String
    /// Nanoseconds since the Unix epoch.
    package var expiresNanoseconds: UInt64

    package init(
        rule: String = "",
        author: String = "",
        reason: String = "",
        expiresNanoseconds: UInt64 = 0,
    ) {
        self.rule = rule
        self.author = author
        self.reason = reason
        self.expiresNanoseconds = expiresNanoseconds
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__mute_record__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__MuteRecord) throws(IndelibleError) {
        unsafe self.init(
            rule: String(field: generated.rule),
            author: String(field: generated.author),
            reason: String(field: generated.reason),
            expiresNanoseconds: generated.expires_ns,
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.text(1, self.rule)
        writer.text(2, self.author)
        writer.text(3, self.reason)
        writer.fixed64(4, self.expiresNanoseconds)
    }
}
