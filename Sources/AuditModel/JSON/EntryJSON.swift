package import JSONText
package import Primitives
internal import ProtobufC

/// Entries as JSON for people and scripts; the names of members are a contract (docs/formats.md, "JSON view").
///
/// A view, not evidence: only the entry's bytes can be proven. What an entry does not say is left out. Times are RFC 3339,
/// hashes and keys hexadecimal, numbers of 64 bits are JSON numbers in full.
package enum EntryJSON {
    /// One object: index, kind, leaf hash, then what the entry says under the name of its kind.
    ///
    /// Never fails: bytes that are no entry, or whose event is malformed, show under `malformed` with the reason.
    ///
    /// - Parameter entry: the serialised entry.
    package static func line(index: UInt64, leafHash: Digest, entry: [UInt8]) -> String {
        var writer = JSONWriter()
        Self.write(index: index, leafHash: leafHash, entry: entry, to: &writer)
        return writer.text
    }

    /// As ``line(index:leafHash:entry:)``, as a value within a larger text.
    ///
    /// - Parameter index: `nil` when it has no place in a log.
    package static func write(index: UInt64?, leafHash: Digest, entry: [UInt8], to writer: inout JSONWriter) {
        writer.object { writer in
            if let index {
                writer.member("index", index)
            }
            do throws(IndelibleError) {
                let decoded = try Entry(serialized: entry)
                writer.memberIfAny("kind", decoded.body.kind.description)
                writer.memberIfAny("leaf_hash", leafHash)
                if let stamp = decoded.stamp {
                    writer.memberIfAny("collector", stamp.collector)
                    writer.memberIfAny("received", time: stamp.receivedNanoseconds)
                }
                try Self.write(decoded.body, to: &writer)
            } catch {
                Self.writeMalformed(entry, leafHash: leafHash, error, to: &writer)
            }
        }
    }

    private static func writeMalformed(
        _ entry: [UInt8],
        leafHash: Digest,
        _ error: IndelibleError,
        to writer: inout JSONWriter,
    ) {
        writer.memberIfAny("malformed", error.message)
        writer.memberIfAny("entry_base64", Base64.encode(entry))
    }

    /// What is left of an object that ``write(index:leafHash:entry:to:)`` began.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when what is within the body is malformed; nothing is written then.
    private static func write(_ body: EntryBody, to writer: inout JSONWriter) throws(IndelibleError) {
        switch body {
        case .event(let bytes):
            let event = try AuditEvent(serialized: bytes)
            writer.member("event") { Self.write(event, to: &$0) }
        case .seal(let seal):
            let body = try SealBody(serialized: seal.body)
            writer.member("seal") { Self.write(seal, body, to: &$0) }
        case .key(let key):
            let body = try KeyRecord.Body(serialized: key.body)
            writer.member("key") { Self.write(key, body, to: &$0) }
        case .unknown(_, let bytes):
            writer.memberIfAny("unknown_base64", Base64.encode(bytes))
        default:
            writer.member(body.kind.description) { Self.write(record: body, to: &$0) }
        }
    }
}
