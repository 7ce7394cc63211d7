internal import AuditModel
public import Logging

/// Turns log messages that say what was done into audit events; other messages pass by.
///
/// A message is an event when its metadata has `action`: a dotted verb. `actor`, `actor_kind` (user, service, agent, system), `target`
/// (`KIND/ID` or `ID`), `outcome` (success, failure, denied), `address` and `session` fill the event's fields, the message its
/// `outcome.reason` when it did not succeed and the attribute `message` otherwise; other metadata become attributes.
public struct AuditLogHandler: LogHandler {
    /// Events are taken at every level; what a logger leaves out by its level never gets here.
    public var logLevel = Logger.Level.trace
    /// Added to each message.
    public var metadata = Logger.Metadata()
    /// Gives metadata of the task that logs.
    public var metadataProvider: Logger.MetadataProvider?

    private let log: AuditLog

    init(_ log: AuditLog) { self.log = log }

    /// One value of ``metadata``.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    /// Takes a message; never waits.
    public func log(event: LogEvent) {
        var metadata = self.metadata
        metadata.merge(self.metadataProvider?.get() ?? [:]) { $1 }
        metadata.merge(event.metadata ?? [:]) { $1 }
        guard metadata["action"] != nil else { return }
        self.log.add(event, metadata)
    }
}

extension AuditEvent {
    private static let fields: Set<String> = [
        "action", "actor", "actor_kind", "target", "outcome", "address", "session",
    ]
    /// Attributes of one event.
    private static let attributeCountMax = 24
    /// Bytes of one value.
    private static let valueByteCountMax = 1024

    /// - Parameters:
    ///   - id: 16 random bytes.
    ///   - now: nanoseconds since the Unix epoch.
    /// - Returns: `nil` when the metadata name no action.
    init?(_ log: LogEvent, _ metadata: Logger.Metadata, source: String, id: [UInt8], now: UInt64) {
        func text(_ key: String) -> String { metadata[key].map { Self.clipped("\($0)") } ?? "" }
        self.init()
        let words = stride(from: 0, to: 16, by: 8).map { start in
            id[start..<start + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        }
        self.id = EventID(unixMilliseconds: now / 1_000_000, randomness: (words[0], words[1]))
        self.occurredNanoseconds = now
        self.source = source
        self.action = text("action")
        guard !self.action.isEmpty else { return nil }
        let kind = text("actor_kind")
        self.actor = Actor(id: text("actor"), kind: Actor.Kind.allCases.first { "\($0)" == kind } ?? .unknown)
        let target = text("target")
        if !target.isEmpty {
            let parts = target.split(separator: "/", maxSplits: 1).map(String.init)
            self.targets = [parts.count == 2 ? Target(kind: parts[0], id: parts[1]) : Target(id: target)]
        }
        let stated = text("outcome")
        let result = Outcome.Result.allCases.first { "\($0)" == stated }
        self.outcome = Outcome(result ?? (log.level >= .error ? .failure : .success))
        self.origin = Origin(address: text("address"), session: text("session"))
        if result == nil { self.attributes.append(Attribute(key: "outcome.inferred", value: "true")) }
        let message = Self.clipped("\(log.message)")
        if self.outcome.result == .success {
            self.attributes.append(Attribute(key: "message", value: message))
        } else {
            self.outcome.reason = message
        }
        // A dictionary has no order of its own.
        for key in metadata.keys.sorted().filter({ !Self.fields.contains($0) }).prefix(Self.attributeCountMax) {
            self.attributes.append(Attribute(key: Self.clipped(key), value: text(key)))
        }
    }

    /// Cut at a character; no `string` field can hold NUL.
    private static func clipped(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        var byteCount = 0
        for scalar in text.unicodeScalars {
            byteCount += UTF8.width(scalar)
            guard byteCount <= Self.valueByteCountMax else { break }
            scalars.append(scalar == "\0" ? "\u{fffd}" : scalar)
        }
        return String(scalars)
    }
}
