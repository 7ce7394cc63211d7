package import Primitives
internal import ProtobufC

/// What one leaf of the log says.
///
/// The log keeps the serialised bytes exactly as they came; this is how they are made and read.
package struct Entry: Equatable, Sendable {
    package static let blindByteCount = 16

    /// Random bytes, so that the hash of a guessable entry reveals nothing about it.
    package var blind: [UInt8]
    package var stamp: Stamp?
    package var body: EntryBody

    /// - Precondition: `blind` has ``blindByteCount`` bytes.
    package init(blind: [UInt8], stamp: Stamp?, body: EntryBody) {
        precondition(blind.count == Self.blindByteCount, "a blind has 16 bytes")
        self.blind = blind
        self.stamp = stamp
        self.body = body
    }

    /// Reads a serialised entry; the event within stays serialised.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when the bytes are no entry, or their body is malformed.
    package init(serialized bytes: [UInt8]) throws(IndelibleError) {
        let scan = try EntryScan(bytes.span)
        self.blind = Array(bytes[scan.blind])
        self.stamp = nil
        if let stamp = scan.stamp { self.stamp = try Stamp(serialized: Array(bytes[stamp])) }
        self.body = try EntryBody(scan.kind, serialized: Array(bytes[scan.body]))
    }

    package var serialized: [UInt8] {
        var writer = ProtoWriter()
        writer.bytes(1, self.blind)
        writer.message(2, self.stamp)
        writer.always(UInt32(self.body.kind.rawValue), self.body.serialized)
        return writer.bytes
    }
}
