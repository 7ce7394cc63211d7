internal import AuditModel
internal import Cryptography
internal import JSONText
package import Primitives

/// Makes events of records: who, what, to what, how it ended, and the record itself, byte for byte.
package struct EventNormalizer: Sendable {
    /// `nil` judges each record by its own fields.
    package var format: SourceFormat?
    /// Overrides what records say of their source.
    package var source: String?
    /// Where the fields of other JSON are; what it does not name is looked for under the usual names.
    package var mapping: FieldMapping

    /// The action of an event whose record names none; every event has one.
    package static let unspecifiedAction = "unspecified"

    package init(format: SourceFormat? = nil, source: String? = nil, mapping: FieldMapping = FieldMapping()) {
        self.format = format
        self.source = source
        self.mapping = mapping
    }

    /// The event that a record tells of.
    ///
    /// - Parameters:
    ///   - record: as it was received.
    ///   - knownByNanoseconds: when the record was there at the latest. An event whose record names no time takes this one and
    ///     says so in the attribute `time.inferred`; its id stays the record's own.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` with the reason when the record is not a JSON object, or not one of
    ///   ``format``; ``IndelibleError/Code/internal`` when hashing fails.
    package func normalize(
        _ record: RawRecord,
        knownByNanoseconds: UInt64 = 0,
    ) throws(IndelibleError) -> NormalizedEvent {
        let object = try Self.parse(record.bytes)
        let format = self.format ?? SourceFormat(detecting: object)
        var event =
            switch format {
            case .cloudtrail: try CloudTrailRecord(object).event
            case .k8s: try KubernetesRecord(object).event
            case .windows: try WindowsRecord(object).event
            case .genai: try GenAIRecord(object).event
            case .jsonl: MappedRecord(object, self.mapping).event
            }
        if let source = self.source { event.source = source }
        if event.source.isEmpty { event.source = format.name }
        event.format = format.name
        if event.action.isEmpty { event.action = Self.unspecifiedAction }
        FieldBounds.apply(to: &event)
        event.id = try Self.id(of: record, occurredNanoseconds: event.occurredNanoseconds)
        if event.occurredNanoseconds == 0, knownByNanoseconds > 0 {
            event.occurredNanoseconds = knownByNanoseconds
            event.attributes.append(AuditEvent.Attribute(key: "time.inferred", value: "true"))
        }
        event.raw = record.bytes
        guard let normalized = NormalizedEvent(event) else {
            throw IndelibleError(.internal, "the fields of the event do not fit an entry")
        }
        return normalized
    }

    /// A UUIDv7 of the record's own time, its bytes and its place, so that importing it again makes the same id.
    ///
    /// A record without a time has time 0.
    private static func id(of record: RawRecord, occurredNanoseconds: UInt64) throws(IndelibleError) -> EventID {
        let place = unsafe withUnsafeBytes(of: record.number.bigEndian) { unsafe Array($0) }
        let digest = try SHA256.hash(Array("indelible/event-id/v1\n".utf8), place, record.bytes).bytes
        func word(_ start: Int) -> UInt64 { digest[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) } }
        return EventID(unixMilliseconds: occurredNanoseconds / 1_000_000, randomness: (word(0), word(8)))
    }

    private static func parse(_ bytes: [UInt8]) throws(IndelibleError) -> JSONObject {
        do throws(JSONError) {
            guard case .object(let object) = try JSONReader.read(bytes, options: .records) else {
                throw JSONReader(bytes).failure("a record is a JSON object, this is another JSON value")
            }
            return object
        } catch {
            throw IndelibleError(.invalidArgument, "\(error.reason) (byte \(error.offset) of the record)")
        }
    }
}
