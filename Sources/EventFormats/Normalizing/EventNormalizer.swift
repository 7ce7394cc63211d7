package import AuditModel
internal import Cryptography
package import JSONText
package import Masking
package import Primitives

/// Makes events of records: who, what, to what, how it ended, and the record itself, byte for byte.
package struct EventNormalizer: Sendable {
    /// `nil` judges each record by its own fields.
    package var format: SourceFormat?
    /// Overrides what records say of their source.
    package var source: String?
    /// Where the fields of other JSON are; what it does not name is looked for under the usual names.
    package var mapping: FieldMapping
    /// Masks each record before anything reads it; `nil` keeps records as they are.
    package var masker: Masker?

    /// Whether events in our own JSON are taken as they are: nothing of them is outside the event, so they keep no raw record.
    package var takesNative = false
    /// The bounds of a record.
    package var options = JSONOptions.records

    /// The action of an event whose record names none; every event has one.
    package static let unspecifiedAction = "unspecified"

    package init(
        format: SourceFormat? = nil,
        source: String? = nil,
        mapping: FieldMapping = FieldMapping(),
        masker: Masker? = nil,
    ) {
        self.format = format
        self.source = source
        self.mapping = mapping
        self.masker = masker
    }

    /// The event that a record tells of.
    ///
    /// With a masker the event is made of the masked record: its fields, its id and what is kept hold nothing that was masked.
    ///
    /// - Parameters:
    ///   - record: as it was received.
    ///   - knownByNanoseconds: when the record was there at the latest. An event whose record names no time takes this one and
    ///     says so in the attribute `time.inferred`; its id stays the record's own.
    ///   - seed: tells apart records that are alike and are not the same: goes into the id beside the bytes.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` with the reason when the record is not a JSON object, or not one of
    ///   ``format``; ``IndelibleError/Code/internal`` when hashing fails, and what the masker's keys throw.
    package func normalize(
        _ record: RawRecord,
        knownByNanoseconds: UInt64 = 0,
        seed: [UInt8] = [],
    ) throws(IndelibleError) -> NormalizedEvent {
        let (record, masks) = try self.masked(record)
        if self.takesNative, let native = try self.native(record) {
            return try self.finish(native, record, SourceFormat.nativeName, knownByNanoseconds, seed)
        }
        let object = try self.parse(record.bytes)
        let format = self.format ?? SourceFormat(detecting: object)
        var event =
            switch format {
            case .cloudtrail: try CloudTrailRecord(object).event
            case .k8s: try KubernetesRecord(object).event
            case .windows: try WindowsRecord(object).event
            case .genai: try GenAIRecord(object).event
            case .jsonl: MappedRecord(object, self.mapping).event
            }
        event.raw = record.bytes
        event.masks = masks
        return try self.finish(event, record, format.name, knownByNanoseconds, seed)
    }

    /// What may be seen of a record, and where it was masked; the record itself without a masker.
    ///
    /// - Throws: what the masker's keys throw; ``IndelibleError/Code/internal`` when libcrypto fails.
    func masked(_ record: RawRecord) throws(IndelibleError) -> (record: RawRecord, masks: [AuditEvent.MaskSpan]) {
        guard let masked = try self.masker?.mask(record.bytes) else { return (record, []) }
        return (record.replacing(masked.bytes), masked.spans)
    }

    /// Completes an event that a record of another protocol tells of, as ``normalize(_:knownByNanoseconds:seed:)`` does.
    ///
    /// - Parameters:
    ///   - event: with the record in its `raw` and its spans in its `masks`, unless nothing of it is outside the event.
    ///   - record: as ``masked(_:)`` leaves it.
    package func finish(
        _ event: AuditEvent,
        _ record: RawRecord,
        _ format: String,
        _ knownByNanoseconds: UInt64,
        _ seed: [UInt8],
    ) throws(IndelibleError) -> NormalizedEvent {
        var event = event
        if let source = self.source { event.source = source }
        if event.source.isEmpty { event.source = format }
        event.format = format
        if event.action.isEmpty { event.action = Self.unspecifiedAction }
        FieldBounds.apply(to: &event)
        try self.masker?.maskFields(&event)
        if event.id == nil {
            event.id = try self.id(of: record, occurredNanoseconds: event.occurredNanoseconds, seed: seed)
        }
        if event.occurredNanoseconds == 0, knownByNanoseconds > 0 {
            event.occurredNanoseconds = knownByNanoseconds
            event.attributes.append(AuditEvent.Attribute(key: "time.inferred", value: "true"))
        }
        guard let normalized = NormalizedEvent(event) else {
            throw IndelibleError(.internal, "the fields of the event do not fit an entry")
        }
        return normalized
    }

    private func native(_ record: RawRecord) throws(IndelibleError) -> AuditEvent? {
        do throws(JSONError) { return try NativeRecord.read(record.bytes, options: self.options) } catch {
            throw Self.refusal(error)
        }
    }

    /// A UUIDv7 of the record's own time, its bytes and its place, so that importing it again makes the same id.
    ///
    /// A record without a time has time 0. With a masker it is made with its key, so that nobody can test on it a guess of
    /// what `seed` may be a hash of.
    private func id(
        of record: RawRecord,
        occurredNanoseconds: UInt64,
        seed: [UInt8],
    ) throws(IndelibleError) -> EventID {
        let place = unsafe withUnsafeBytes(of: record.number.bigEndian) { unsafe Array($0) }
        var hash = try SHA256.hash(Array("indelible/event-id/v1\n".utf8) + seed, place, record.bytes)
        if let masker = self.masker { hash = try masker.blinded(hash) }
        let digest = hash.bytes
        func word(_ start: Int) -> UInt64 { digest[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) } }
        return EventID(unixMilliseconds: occurredNanoseconds / 1_000_000, randomness: (word(0), word(8)))
    }

    func parse(_ bytes: [UInt8]) throws(IndelibleError) -> JSONObject {
        do throws(JSONError) {
            guard case .object(let object) = try JSONReader.read(bytes, options: self.options) else {
                throw JSONReader(bytes).failure("a record is a JSON object, this is another JSON value")
            }
            return object
        } catch {
            throw Self.refusal(error)
        }
    }

    private static func refusal(_ error: JSONError) -> IndelibleError {
        IndelibleError(.invalidArgument, "\(error.reason) (byte \(error.offset) of the record)")
    }
}
