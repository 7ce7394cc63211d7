internal import AuditModel
internal import Cryptography
internal import Platform
internal import Primitives
internal import ProtobufC
internal import ServiceProtocol
internal import Synchronization

/// Records what generative models are asked and answer, each call by one call.
///
///     let audit = try ModelAudit(collector: ("127.0.0.1", 7411), ledger: ("127.0.0.1", 7401), source: "helpdesk")
///     var call = ModelInteraction(actor: "ann", model: "m-1", prompt: question, completion: answer)
///     call.dataControls = [.init(name: "pii", decision: "passed")]
///     let receipt = try await audit.record(call)
///
/// Prompt and completion are kept beside the log; the entry holds commitments to them, so that they can be checked. They are
/// kept as they are given: a collector's masking reaches events, not these.
public final class ModelAudit: Sendable {
    /// Where an event is.
    public struct Receipt: Sendable {
        /// The event's id, a UUID.
        public let eventID: String
        /// The entry's place in the log; `nil` while it waits, safe, in the collector's spool.
        public let index: UInt64?
    }

    /// Bytes of an event beside its payloads.
    private static let eventByteCountMax = 65_023

    private let ingest: IngestClient
    private let ledger: LedgerClient
    private let source: String
    private let producer: Producer
    private let nextSequence = Mutex<UInt64>(1)

    /// Nothing is connected before the first event.
    ///
    /// - Parameters:
    ///   - collector: where the collector listens for RPC.
    ///   - ledger: where the ledger does, which keeps the payloads.
    ///   - certificates: PEM files of a certificate with the role writer; `nil` on loopback.
    ///   - source: what the events name as their source, such as the service.
    /// - Throws: when the system has no random bytes.
    public convenience init(
        collector: (host: String, port: Int),
        ledger: (host: String, port: Int),
        certificates: ClientCertificates? = nil,
        source: String,
    ) throws {
        let tls = certificates?.settings
        try self.init(
            IngestClient(.init(host: collector.host, port: collector.port, tls: tls), software: "indelible-client"),
            LedgerClient(.init(host: ledger.host, port: ledger.port, tls: tls), software: "indelible-client"),
            source: source,
        )
    }

    package init(_ ingest: IngestClient, _ ledger: LedgerClient, source: String) throws {
        self.ingest = ingest
        self.ledger = ledger
        self.source = source
        // A name that nobody has had: numbers begin at 1 under it.
        self.producer = Producer(id: try SecureRandom.bytes(16), epoch: SystemClock.wallNanoseconds)
    }

    /// Records a call of a model; returns when the event and what it commits to are safe.
    ///
    /// - Throws: when a service cannot be reached, or refuses it; the message says what to do. Then it is not known whether
    ///   the call is recorded, and recording it again makes a second event.
    public func record(_ interaction: ModelInteraction) async throws -> Receipt {
        let payloads = try [interaction.prompt, interaction.completion].map { bytes in
            try bytes.map { try SaltedPayload($0) }
        }
        let event = try self.event(
            of: interaction,
            prompt: payloads[0]?.commitment,
            completion: payloads[1]?.commitment,
        )
        for payload in payloads.compactMap({ $0 }) {
            _ = try await self.ledger.putPayload(payload.bytes, salt: payload.salt, commitment: payload.commitment)
        }
        return try await self.submit(event)
    }

    /// Records that a model or a policy was changed, as an event of its own; returns when it is safe.
    ///
    /// - Throws: as ``record(_:)-(ModelInteraction)``.
    public func record(_ change: ModelChange) async throws -> Receipt {
        var event = try self.event(by: change.actor, "genai.\(change.subject.rawValue).change", .update)
        event.targets = [.init(kind: "genai.\(change.subject.rawValue)", id: change.name)]
        event.outcome = .init(.success)
        event.attributes = [
            ("change.from", change.oldVersion), ("change.to", change.newVersion), ("change.reason", change.reason),
        ].filter { !$0.1.isEmpty }.map { .init(key: $0.0, value: $0.1) }
        return try await self.submit(event)
    }

    /// Closes the connections; nothing can be recorded after it.
    public func close() async {
        await self.ingest.close()
        await self.ledger.close()
    }

    // MARK: - Events

    /// Bytes for the ledger, and what the entry says of them.
    private struct SaltedPayload {
        let bytes: [UInt8]
        let salt: [UInt8]
        let commitment: DetachedPayload

        init(_ bytes: [UInt8]) throws(IndelibleError) {
            self.bytes = bytes
            self.salt = try SecureRandom.bytes(DetachedPayload.saltByteCount)
            self.commitment = try DetachedPayload(payload: bytes, salt: self.salt)
        }
    }

    private func event(
        by actor: String,
        _ action: String,
        _ actionClass: AuditEvent.ActionClass,
    ) throws(IndelibleError) -> AuditEvent {
        let now = SystemClock.wallNanoseconds
        let randomness = try SecureRandom.bytes(16)
        let words = stride(from: 0, to: 16, by: 8).map { start in
            randomness[start..<start + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        }
        var event = AuditEvent()
        event.id = EventID(unixMilliseconds: now / 1_000_000, randomness: (words[0], words[1]))
        event.occurredNanoseconds = now
        event.source = self.source
        event.actor = .init(id: actor)
        event.action = action
        event.actionClass = actionClass
        return event
    }

    private func event(
        of interaction: ModelInteraction,
        prompt: DetachedPayload?,
        completion: DetachedPayload?,
    ) throws(IndelibleError) -> AuditEvent {
        try Self.check(interaction)
        var call = AuditEvent.GenAI()
        call.provider = interaction.provider
        call.model = interaction.model
        call.modelVersion = interaction.modelVersion
        call.operation = interaction.operation
        call.prompt = prompt
        call.completion = completion
        call.inputTokens = interaction.inputTokens
        call.outputTokens = interaction.outputTokens
        call.toolCalls = interaction.toolCalls.map { .init(id: $0.id, name: $0.name, arguments: $0.arguments) }
        call.finishReasons = interaction.finishReasons
        call.dataControls = interaction.dataControls.map { .init(key: $0.name, value: $0.decision) }
        var event = try self.event(by: interaction.actor, "genai.\(interaction.operation)", .execute)
        event.targets = [.init(kind: "genai.model", id: interaction.model)]
        event.outcome =
            switch interaction.outcome {
            case .success: .init(.success)
            case .failure: .init(.failure)
            case .denied: .init(.denied)
            }
        event.origin.session = interaction.session
        event.genAI = call
        return event
    }

    private static func check(_ interaction: ModelInteraction) throws(IndelibleError) {
        let longest = interaction.toolCalls.map(\.arguments.utf8.count).max() ?? 0
        guard longest <= ModelInteraction.argumentsByteCountMax else {
            throw IndelibleError(
                .invalidArgument,
                "A tool call's arguments have \(longest) bytes, at most \(ModelInteraction.argumentsByteCountMax) are "
                    + "taken. Put them into the completion, and a summary here.",
            )
        }
        let count = max(interaction.toolCalls.count, interaction.dataControls.count, interaction.finishReasons.count)
        guard count <= ModelInteraction.listCountMax else {
            throw IndelibleError(
                .invalidArgument,
                "An interaction has at most \(ModelInteraction.listCountMax) tool calls, decisions and reasons, not \(count).",
            )
        }
    }

    // MARK: - Out

    private func submit(_ event: AuditEvent) async throws -> Receipt {
        let bytes = event.serialized
        guard bytes.count <= Self.eventByteCountMax else {
            throw IndelibleError(
                .invalidArgument,
                "The event has \(bytes.count) bytes beside its payloads, at most \(Self.eventByteCountMax) fit an entry. "
                    + "Shorten the tools' arguments or the names.",
            )
        }
        let sequence = self.nextSequence.withLock { next in
            defer { next += 1 }
            return next
        }
        let response = try await self.ingest.submit(
            SubmitRequest(producer: self.producer, firstSequence: sequence, events: [bytes])
        )
        if let rejected = response.rejected.first {
            throw IndelibleError(.invalidArgument, "The event was refused: \(rejected.reason)")
        }
        return Receipt(
            eventID: event.id.map { "\($0)" } ?? "",
            index: response.durable ? response.firstIndex : nil,
        )
    }
}
