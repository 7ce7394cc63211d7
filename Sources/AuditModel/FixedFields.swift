package import CIndelibleProto
package import Primitives
internal import ProtobufC

extension Digest {
    /// Reads a `bytes` field that holds a SHA-256 value.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` unless it has exactly 32 bytes.
    @unsafe package init(field name: StaticString, _ value: ProtobufCBinaryData) throws(IndelibleError) {
        guard let digest = unsafe Digest(value.buffer.span) else {
            throw IndelibleError(
                .invalidArgument,
                unsafe "\(name) has \(value.len) bytes and must have \(Digest.byteCount). Check the sender.",
            )
        }
        self = digest
    }
}

extension EventID {
    /// Reads a `bytes` field that holds an event's id.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` unless it has exactly 16 bytes.
    @unsafe package init(field name: StaticString, _ value: ProtobufCBinaryData) throws(IndelibleError) {
        guard let id = unsafe EventID(value.buffer.span) else {
            throw IndelibleError(
                .invalidArgument,
                unsafe "\(name) has \(value.len) bytes and must have \(EventID.byteCount). Check the sender.",
            )
        }
        self = id
    }
}

extension [Digest] {
    /// Reads a repeated `bytes` field whose elements are SHA-256 values.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` unless each has exactly 32 bytes.
    @unsafe package init(
        field name: StaticString,
        _ values: UnsafeMutablePointer<ProtobufCBinaryData>?,
        count: Int,
    ) throws(IndelibleError) {
        self = []
        self.reserveCapacity(count)
        for position in 0..<count {
            if let value = unsafe values?[position] { unsafe try self.append(Digest(field: name, value)) }
        }
    }
}
