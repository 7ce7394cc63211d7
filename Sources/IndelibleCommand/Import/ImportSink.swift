package import AuditModel
import Cryptography
import EventFormats
import IndelibleClient
import Primitives
import ProtobufC
package import ServiceProtocol

/// Where an import sends its events.
package protocol ImportSink: Sendable {
    /// Hands over events, exactly once by producer, epoch and sequence; returns when they are safe.
    func submit(_ request: SubmitRequest) async throws -> SubmitResponse

    /// Whether ``keep(_:)`` works.
    var keepsPayloads: Bool { get }

    /// Keeps a record that does not fit its event; returns when it is safe.
    func keep(_ payload: ImportPayload) async throws
}

extension ImportSink {
    /// The bytes of an event, once its record is safe beside the log if it does not fit.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when it does not fit and there is no place for it; what ``keep(_:)`` throws.
    func serialized(_ event: NormalizedEvent) async throws -> [UInt8] {
        guard let detached = event.detached else { return event.event.serialized }
        guard self.keepsPayloads else {
            throw IndelibleError(
                .invalidArgument,
                "the record has \(detached.count) bytes and must be kept beside the log; name the ledger too",
            )
        }
        var event = event
        let salt = try SecureRandom.bytes(DetachedPayload.saltByteCount)
        try event.detach(salt: salt)
        if let commitment = event.event.detachedRaw {
            try await self.keep(ImportPayload(bytes: detached, salt: salt, commitment: commitment))
        }
        return event.event.serialized
    }
}

/// A record beside the log.
package struct ImportPayload: Sendable, Equatable {
    package let bytes: [UInt8]
    package let salt: [UInt8]
    /// What the event carries of it.
    package let commitment: DetachedPayload
}

/// A running suite.
struct SuiteSink: ImportSink {
    let ingest: IngestClient
    /// `nil` when only the collector's address is known.
    let ledger: LedgerClient?

    func submit(_ request: SubmitRequest) async throws -> SubmitResponse { try await self.ingest.submit(request) }

    var keepsPayloads: Bool { self.ledger != nil }

    func keep(_ payload: ImportPayload) async throws {
        _ = try await self.ledger?.putPayload(payload.bytes, salt: payload.salt, commitment: payload.commitment)
    }

    func close() async {
        await self.ingest.close()
        await self.ledger?.close()
    }
}
