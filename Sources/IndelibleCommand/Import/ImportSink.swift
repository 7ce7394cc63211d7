package import AuditModel
import IndelibleClient
import Primitives
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
