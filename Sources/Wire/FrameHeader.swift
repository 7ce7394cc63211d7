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

    /// What few frames have: kept elsewhere, so that the others are a few numbers.
    private struct Rare: Sendable, Equatable {
        var log = ""
        var status: RPCStatus?
        var metadata: [Metadata] = []
    }

    private final class Box: Sendable {
        let rare: Rare

        init(_ rare: Rare) { self.rare = rare }
    }

    /// 0 speaks of the connection.
    package var streamID: UInt32
    package var kind: FrameKind
    package var method: UInt32
    /// How long the caller waits; 0 means no deadline.
    package var deadlineMilliseconds: UInt32
    package var credit: UInt32
    /// `nil` while all of it is as in a new ``Rare``.
    private var box: Box?

    private var rare: Rare {
        get { self.box?.rare ?? Rare() }
        set { self.box = newValue == Rare() ? nil : Box(newValue) }
    }

    /// The log's origin; empty means the server's only log.
    package var log: String {
        get { self.box?.rare.log ?? "" }
        set { self.rare.log = newValue }
    }

    /// `nil` means OK.
    package var status: RPCStatus? {
        get { self.box?.rare.status }
        set { self.rare.status = newValue }
    }

    package var metadata: [Metadata] {
        get { self.box?.rare.metadata ?? [] }
        set { self.rare.metadata = newValue }
    }

    package static func == (left: FrameHeader, right: FrameHeader) -> Bool {
        left.streamID == right.streamID && left.kind == right.kind && left.method == right.method
            && left.deadlineMilliseconds == right.deadlineMilliseconds && left.credit == right.credit
            && left.rare == right.rare
    }

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
        self.deadlineMilliseconds = deadlineMilliseconds
        self.credit = credit
        guard !log.isEmpty || status != nil || !metadata.isEmpty else { return }
        self.box = Box(Rare(log: log, status: status, metadata: metadata))
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
        let rare = self.box?.rare
        if let log = rare?.log { writer.text(4, log) }
        writer.varint(5, UInt64(self.deadlineMilliseconds))
        if let rare { Self.encode(rare, into: &writer) }
        writer.varint(8, UInt64(self.credit))
    }

    private static func encode(_ rare: Rare, into writer: inout ProtoWriter) {
        if let status = rare.status {
            var inner = ProtoWriter()
            status.encode(into: &inner)
            writer.always(6, inner.bytes)
        }
        for metadata in rare.metadata {
            var inner = ProtoWriter()
            inner.text(1, metadata.key)
            inner.bytes(2, metadata.value)
            writer.always(7, inner.bytes)
        }
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
        var rare: Rare?
        var scanner = ProtoScanner(range)
        self.init(.hello)
        while let field = try scanner.next(in: bytes) {
            switch (field.number, field.value) {
            case (1, .varint(let value)): self.streamID = UInt32(truncatingIfNeeded: value)
            case (2, .varint(let value)): kind = value
            case (3, .varint(let value)): self.method = UInt32(truncatingIfNeeded: value)
            case (4...7, .bytes(let range)): try Self.read(field.number, bytes, range, into: &rare)
            case (5, .varint(let value)): self.deadlineMilliseconds = UInt32(truncatingIfNeeded: value)
            case (8, .varint(let value)): self.credit = UInt32(truncatingIfNeeded: value)
            case (1...8, _): throw Self.malformed("field \(field.number) has the wrong type")
            default: continue  // A later version's.
            }
        }
        guard let kind = UInt8(exactly: kind).flatMap({ FrameKind(rawValue: $0) }) else {
            throw Self.malformed("its kind, \(kind), is unknown")
        }
        self.kind = kind
        if let rare { self.rare = rare }
    }

    private static func read(
        _ number: UInt32,
        _ bytes: Span<UInt8>,
        _ range: Range<Int>,
        into rare: inout Rare?,
    ) throws(IndelibleError) {
        var found = rare ?? Rare()
        switch number {
        case 4: found.log = try Self.text(bytes, range, byteCountMax: Self.logByteCountMax)
        case 6:
            guard found.status == nil else { throw Self.malformed("it has two statuses") }
            found.status = try RPCStatus(bytes, range)
        case 7:
            guard found.metadata.count < Self.metadataCountMax else {
                throw Self.malformed("it has over \(Self.metadataCountMax) metadata")
            }
            found.metadata.append(try Metadata(bytes, range))
        default: throw Self.malformed("field \(number) has the wrong type")
        }
        rare = found
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
