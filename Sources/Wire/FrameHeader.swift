package import Primitives
package import ProtobufC

/// A frame's header as a value: `FrameHeader` of `wire.proto`, read and written without protobuf-c.
///
/// Frames are small and many, so this is the hot path; the tests hold it equal to protobuf-c's own reading and writing.
package struct FrameHeader: Sendable, Equatable {
    /// One key and its value: trace context, authorisation.
    package struct Metadata: Sendable, Equatable {
        /// Lower case; at most ``FrameHeader/metadataKeyByteCountMax`` bytes.
        package var key: String
        /// At most ``FrameHeader/metadataValueByteCountMax`` bytes.
        package var value: [UInt8]

        package init(key: String, value: [UInt8]) {
            self.key = key
            self.value = value
        }
    }

    /// 0 speaks of the connection.
    package var streamID: UInt32
    package var kind: FrameKind
    package var method: UInt32
    /// The log's origin; empty means the server's only log.
    package var log: String
    /// How long the caller waits; 0 means no deadline.
    package var deadlineMilliseconds: UInt32
    /// `nil` means OK.
    package var status: RPCStatus?
    package var metadata: [Metadata]
    package var credit: UInt32

    package init(
        _ kind: FrameKind,
        streamID: UInt32 = 0,
        method: UInt32 = 0,
        log: String = "",
        deadlineMilliseconds: UInt32 = 0,
        status: RPCStatus? = nil,
        metadata: [Metadata] = [],
        credit: UInt32 = 0,
    ) {
        self.streamID = streamID
        self.kind = kind
        self.method = method
        self.log = log
        self.deadlineMilliseconds = deadlineMilliseconds
        self.status = status
        self.metadata = metadata
        self.credit = credit
    }

    /// A serialised header is at most this long: its length is a `u16`.
    package static let byteCountMax = 65_535
    package static let metadataCountMax = 32
    package static let metadataKeyByteCountMax = 64
    package static let metadataValueByteCountMax = 1_024
    package static let logByteCountMax = 255
}

/// Writing.
extension FrameHeader {
    /// Appends the serialised header, at most ``byteCountMax`` bytes for headers within the limits above.
    package func encode(into writer: inout ProtoWriter) {
        writer.varint(1, UInt64(self.streamID))
        writer.varint(2, UInt64(self.kind.rawValue))
        writer.varint(3, UInt64(self.method))
        if !self.log.isEmpty { writer.text(4, self.log) }
        writer.varint(5, UInt64(self.deadlineMilliseconds))
        if let status = self.status {
            var inner = ProtoWriter()
            status.encode(into: &inner)
            writer.always(6, inner.bytes)
        }
        for metadata in self.metadata {
            var inner = ProtoWriter()
            inner.text(1, metadata.key)
            inner.bytes(2, metadata.value)
            writer.always(7, inner.bytes)
        }
        writer.varint(8, UInt64(self.credit))
    }
}

/// Reading.
extension FrameHeader {
    /// - Parameters:
    ///   - bytes: what the header stands in.
    ///   - range: where; found by a ``FrameParser``.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when it is malformed, over a limit, or of an unknown kind.
    package init(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(IndelibleError) {
        var kind: UInt64 = 0
        var scanner = ProtoScanner(range)
        self.init(.hello)
        while let field = try scanner.next(in: bytes) {
            switch (field.number, field.value) {
            case (1, .varint(let value)): self.streamID = UInt32(truncatingIfNeeded: value)
            case (2, .varint(let value)): kind = value
            case (3, .varint(let value)): self.method = UInt32(truncatingIfNeeded: value)
            case (4, .bytes(let range)): self.log = try Self.text(bytes, range, byteCountMax: Self.logByteCountMax)
            case (5, .varint(let value)): self.deadlineMilliseconds = UInt32(truncatingIfNeeded: value)
            case (6, .bytes(let range)):
                guard self.status == nil else { throw Self.malformed("it has two statuses") }
                self.status = try RPCStatus(bytes, range)
            case (7, .bytes(let range)):
                guard self.metadata.count < Self.metadataCountMax else {
                    throw Self.malformed("it has over \(Self.metadataCountMax) metadata")
                }
                self.metadata.append(try Metadata(bytes, range))
            case (8, .varint(let value)): self.credit = UInt32(truncatingIfNeeded: value)
            case (1...8, _): throw Self.malformed("field \(field.number) has the wrong type")
            default: continue  // A later version's.
            }
        }
        guard let kind = UInt8(exactly: kind).flatMap({ FrameKind(rawValue: $0) }) else {
            throw Self.malformed("its kind, \(kind), is unknown")
        }
        self.kind = kind
    }

    fileprivate static func text(
        _ bytes: Span<UInt8>,
        _ range: Range<Int>,
        byteCountMax: Int,
    ) throws(IndelibleError) -> String {
        guard range.count <= byteCountMax else { throw Self.malformed("a text is over \(byteCountMax) bytes") }
        let text = unsafe bytes.withUnsafeBufferPointer { bytes -> String? in
            let slice = unsafe UnsafeBufferPointer(rebasing: bytes[range])
            guard unsafe !slice.contains(0) else { return nil }
            return unsafe String(validating: slice, as: UTF8.self)
        }
        guard let text else { throw Self.malformed("a text is not UTF-8, or has a NUL") }
        return text
    }

    fileprivate static func copy(_ bytes: Span<UInt8>, _ range: Range<Int>) -> [UInt8] {
        unsafe bytes.withUnsafeBufferPointer { unsafe Array($0[range]) }
    }

    fileprivate static func malformed(_ reason: String) -> IndelibleError {
        IndelibleError(
            .invalidArgument,
            "A frame's header is malformed: \(reason). Check that the peer speaks this protocol, in docs/protocol.md.",
        )
    }
}

extension FrameHeader.Metadata {
    fileprivate init(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(IndelibleError) {
        self.init(key: "", value: [])
        var scanner = ProtoScanner(range)
        while let field = try scanner.next(in: bytes) {
            switch (field.number, field.value) {
            case (1, .bytes(let range)):
                self.key = try FrameHeader.text(bytes, range, byteCountMax: FrameHeader.metadataKeyByteCountMax)
            case (2, .bytes(let range)):
                guard range.count <= FrameHeader.metadataValueByteCountMax else {
                    throw FrameHeader.malformed(
                        "a metadata value is over \(FrameHeader.metadataValueByteCountMax) bytes"
                    )
                }
                self.value = FrameHeader.copy(bytes, range)
            case (1...2, _): throw FrameHeader.malformed("a metadata field has the wrong type")
            default: continue
            }
        }
    }
}

extension RPCStatus {
    fileprivate func encode(into writer: inout ProtoWriter) {
        writer.varint(1, UInt64(self.code))
        writer.text(2, self.message)
        for detail in self.details.prefix(Self.detailCountMax) {
            var inner = ProtoWriter()
            inner.text(1, detail.type)
            inner.bytes(2, detail.value)
            writer.always(3, inner.bytes)
        }
    }

    fileprivate init(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(IndelibleError) {
        self.init(code: 0, message: "")
        var scanner = ProtoScanner(range)
        while let field = try scanner.next(in: bytes) {
            switch (field.number, field.value) {
            case (1, .varint(let value)): self.code = UInt32(truncatingIfNeeded: value)
            case (2, .bytes(let range)):
                self.message = try FrameHeader.text(bytes, range, byteCountMax: FrameHeader.byteCountMax)
            case (3, .bytes(let range)):
                guard self.details.count < Self.detailCountMax else {
                    throw FrameHeader.malformed("its status has over \(Self.detailCountMax) details")
                }
                self.details.append(try Detail(bytes, range))
            case (1...3, _): throw FrameHeader.malformed("a status field has the wrong type")
            default: continue
            }
        }
    }
}

extension RPCStatus.Detail {
    fileprivate init(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(IndelibleError) {
        self.init(type: "", value: [])
        var scanner = ProtoScanner(range)
        while let field = try scanner.next(in: bytes) {
            switch (field.number, field.value) {
            case (1, .bytes(let range)):
                self.type = try FrameHeader.text(bytes, range, byteCountMax: FrameHeader.byteCountMax)
            case (2, .bytes(let range)): self.value = FrameHeader.copy(bytes, range)
            case (1...2, _): throw FrameHeader.malformed("a status detail's field has the wrong type")
            default: continue
            }
        }
    }
}
