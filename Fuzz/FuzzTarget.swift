import AuditModel
import BoostedTrees
import EventFormats
import IngestCore
import JSONText
import Masking
import Primitives
import ProtobufC
import ServiceProtocol
import TransparencyLog
import Wire

/// The parsers that take bytes from outside, each with a corpus in `Fuzz/corpus` under its own name.
///
/// Whatever the bytes are, a parser answers or refuses; it never traps, never reads outside its input and stays within its
/// limits, which libFuzzer watches. Where reading has an inverse, what was read is written and read again.
enum FuzzTarget: String, CaseIterable {
    /// JSON text, and the tree of it written again.
    case json
    /// A serialised entry with its body, and an event.
    case entry
    /// A stream of frames into a server's connection.
    case wire
    /// Payloads of Append, Submit, ReadEntries.
    case batches
    /// A submission, as ingest checks it.
    case submission
    /// A file of records, gzip or not, as `indelible import` cuts it.
    case records
    /// A record, as any source may have written it.
    case event
    case otlpProtobuf = "otlp-protobuf"
    case otlpJSON = "otlp-json"
    /// A stream of syslog messages.
    case syslog
    /// A body of `POST /v1/events`.
    case body
    /// A checkpoint, a proof, a policy, a key, an add-checkpoint request.
    case notes
    /// An entry bundle and the path of a tile.
    case tiles
    /// A model file of any format.
    case model
    /// A record through the default masks.
    case masking

    func run(_ bytes: [UInt8]) {
        switch self {
        case .json: Self.json(bytes)
        case .entry: Self.entry(bytes)
        case .wire: Self.wire(bytes)
        case .batches: Self.batches(bytes)
        case .submission: _ = try? Submission(bytes)
        case .records: Self.records(bytes)
        case .event: Self.event(bytes)
        case .otlpProtobuf:
            for signal in [OTLPItem.Signal.log, .span] { Self.otlp { try OTLPProtobuf.items(signal, bytes) } }
        case .otlpJSON: for signal in [OTLPItem.Signal.log, .span] { Self.otlp { try OTLPJSON.items(signal, bytes) } }
        case .syslog: Self.syslog(bytes)
        case .body: Self.body(bytes)
        case .notes: Self.notes(bytes)
        case .tiles: Self.tiles(bytes)
        case .model: _ = try? BoostedModel(bytes, limits: Self.modelLimits)
        case .masking: Self.masking(bytes)
        }
    }

    private static func json(_ bytes: [UInt8]) {
        guard let value = try? JSONReader.read(bytes, options: .records) else { return }
        var writer = JSONWriter()
        writer.value(value)
        guard let again = try? JSONReader.read(writer.bytes, options: .records) else {
            preconditionFailure("what is written can be read")
        }
        precondition(again == value, "what is written is what was read")
    }

    private static func entry(_ bytes: [UInt8]) {
        _ = try? Entry(serialized: bytes)
        guard let event = try? AuditEvent(serialized: bytes) else { return }
        let again = try? AuditEvent(serialized: event.serialized)
        precondition(again == event, "an event that was read can be written")
    }

    private static func wire(_ bytes: [UInt8]) {
        let limits = ConnectionLimits()
        let methods = MethodTable([
            MethodDescriptor(number: 1, name: "Append", shape: .unary, roles: []),
            MethodDescriptor(number: 4, name: "ReadEntries", shape: .serverStream, roles: []),
            MethodDescriptor(number: 10, name: "PutPayload", shape: .clientStream, roles: []),
        ])
        var connection = ServerConnection(
            limits: limits,
            hello: Hello(limits, software: "fuzz"),
            methods: methods,
            access: .unrestricted,
        )
        let parser = FrameParser(frameByteCountMax: limits.frameByteCountMax)
        var position = 0
        while case .frame(let frame)? = try? parser.next(in: bytes.span, at: position) {
            position = frame.payload.upperBound
            guard let header = try? FrameHeader(bytes.span, frame.header) else { return }
            let payload = bytes.span.extracting(frame.payload)
            guard (try? connection.receive(header, payload: payload, now: UInt64(position))) != nil else { return }
        }
        _ = connection.expire(now: .max)
        _ = connection.close()
    }

    private static func batches(_ bytes: [UInt8]) {
        var append = AppendRequestView()
        try? append.read(bytes.span)
        var submit = SubmitRequestView()
        try? submit.read(bytes.span)
        var entries = EntryBatchView()
        try? entries.read(bytes.span)
    }

    private static func records(_ bytes: [UInt8]) {
        guard var reader = try? RecordReader() else { return }
        for start in stride(from: 0, to: bytes.count, by: 97) {
            reader.append(Array(bytes[start..<min(start + 97, bytes.count)]))
            _ = reader.takeItems()
        }
        reader.finish()
        _ = reader.takeItems()
    }

    private static func event(_ bytes: [UInt8]) {
        var normalizer = EventNormalizer()
        for takesNative in [false, true] {
            normalizer.takesNative = takesNative
            guard let normalized = try? normalizer.normalize(Self.record(bytes)) else { continue }
            let event = normalized.event
            precondition(event.serialized.count <= NormalizedEvent.byteCountMax, "an event fits an entry")
            precondition((try? AuditEvent(serialized: event.serialized)) == event, "an event can be read again")
        }
    }

    private static func otlp(_ read: () throws -> [OTLPItem]) {
        guard let items = try? read() else { return }
        for (number, item) in items.prefix(64).enumerated() {
            _ = try? item.event(EventNormalizer(), number: number, receivedNanoseconds: 1, seed: [])
        }
    }

    private static func syslog(_ bytes: [UInt8]) {
        var framer = SyslogFramer(messageByteCountMax: 8_192)
        var frames = (try? framer.append(bytes)) ?? []
        if let last = framer.finish() { frames.append(last) }
        for case .message(let message) in frames where !message.isEmpty {
            _ = try? EventNormalizer().normalize(syslog: Self.record(message), knownByNanoseconds: 1)
        }
    }

    private static func body(_ bytes: [UInt8]) {
        for body in [RecordBody.json, .lines, .sequence] {
            guard let parts = try? body.split(bytes) else { continue }
            precondition(parts.allSatisfy { bytes.indices.contains($0.range.lowerBound) }, "records stand in the body")
        }
        var limits = CollectionLimits()
        limits.decompressedByteCountMax = 1 << 20
        _ = try? GzipBody.decompress(bytes, limits)
    }

    private static func notes(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        _ = try? Checkpoint(parsing: text)
        _ = try? SignedNote(parsing: bytes)
        _ = try? SignedCheckpoint(parsing: bytes)
        _ = try? TLogProof(parsing: bytes)
        _ = try? TrustPolicy(parsing: bytes)
        _ = try? VerifierKey(parsing: text)
        _ = try? WitnessRequest(parsing: bytes)
    }

    private static func tiles(_ bytes: [UInt8]) {
        for count in [1, 2, 255, 256] { _ = try? EntryBundle.ranges(in: bytes, count: count) }
        _ = TilePath(parsing: String(decoding: bytes, as: UTF8.self))
    }

    private static func masking(_ bytes: [UInt8]) {
        guard let masked = try? Self.masker?.mask(bytes) else { return }
        for span in masked.spans { precondition(span.path == "raw", "spans are of the text that was masked") }
    }

    private static func record(_ bytes: [UInt8]) -> RawRecord {
        RawRecord(bytes: bytes, number: 1, line: 1, byteRange: 0..<UInt64(bytes.count))
    }

    private struct Keys: MaskKeys {
        let pseudonymKey = [UInt8](repeating: 7, count: 32)

        func key(of subject: [UInt8]) throws(IndelibleError) -> SubjectKey {
            SubjectKey(id: [UInt8](repeating: 1, count: SubjectKey.idByteCount), bytes: self.pseudonymKey)
        }
    }

    private static let masker = (try? MaskRules.standard()).map { Masker($0, keys: Keys()) }

    /// Small, so that a claim of a large model is refused and not tried.
    private static let modelLimits: ModelLimits = {
        var limits = ModelLimits()
        limits.nodeCountMax = 1 << 16
        return limits
    }()
}
