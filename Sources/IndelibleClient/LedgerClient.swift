package import AuditModel
internal import Primitives
internal import ProtobufC
package import ServiceProtocol
internal import Wire

/// A ledger's methods with values in place of bytes, over one connection that mends itself.
///
/// The services and the command line use this; ``AuditLog`` is what customers see of it.
package final class LedgerClient: Sendable {
    let connection: ReconnectingClient
    let retry: RetryPolicy
    /// The log's origin; empty means the server's only log.
    let log: String
    private let deadline: Duration

    /// - Parameters:
    ///   - resolve: says where the ledger is, at every connection; nothing is connected before the first call.
    ///   - log: the log's origin; empty means the server's only log.
    ///   - software: for the ledger's logs, such as `indelible-verifier/0.1.0`.
    ///   - deadline: how long one attempt of a unary call may take.
    ///   - retry: what to do when the ledger is away.
    package init(
        at resolve: @escaping ReconnectingClient.Resolver,
        log: String = "",
        software: String,
        deadline: Duration = .seconds(30),
        retry: RetryPolicy = RetryPolicy(),
    ) {
        self.connection = ReconnectingClient(resolve, software: software, retry: retry)
        self.retry = retry
        self.log = log
        self.deadline = deadline
    }

    /// As the other, for a ledger that stays where it is.
    package convenience init(
        _ address: ServiceAddress,
        log: String = "",
        software: String,
        deadline: Duration = .seconds(30),
        retry: RetryPolicy = RetryPolicy(),
    ) {
        self.init(at: { address }, log: log, software: software, deadline: deadline, retry: retry)
    }

    package func close() async { await self.connection.close() }

    /// Appends a batch, as ``AppendRequestBuilder`` made it, exactly once.
    ///
    /// - Returns: where it is in the log; ``AppendResponse/duplicate`` when it was there before.
    /// - Throws: ``PartlyKnown`` when some of its items were there before and nothing was appended; else an
    ///   ``IndelibleError``.
    package func append(_ request: [UInt8]) async throws -> AppendResponse {
        do {
            return try await AppendResponse(serialized: self.call(LedgerMethods.append, request))
        } catch let error as IndelibleError where error.code == .aborted {
            guard let payload = error.remoteFailure?.payload, !payload.isEmpty else { throw error }
            throw PartlyKnown(items: try AppendResponse(serialized: payload).known)
        }
    }

    package func checkpoint() async throws -> PublishedCheckpoint {
        try await PublishedCheckpoint(serialized: self.call(LedgerMethods.getCheckpoint, []))
    }

    /// - Parameter size: 0 means the current checkpoint's.
    package func inclusionProof(index: UInt64, size: UInt64 = 0) async throws -> InclusionProofResponse {
        let request = GetInclusionProofRequest(index: index, size: size)
        return try await .init(serialized: self.call(LedgerMethods.getInclusionProof, request.serialized))
    }

    /// - Parameter size: 0 means the current checkpoint's.
    package func rangeProof(_ range: Range<UInt64>, size: UInt64 = 0) async throws -> RangeProofResponse {
        let request = GetRangeProofRequest(first: range.lowerBound, end: range.upperBound, size: size)
        return try await .init(serialized: self.call(LedgerMethods.getRangeProof, request.serialized))
    }

    /// - Parameter size: 0 means the current checkpoint's.
    package func consistencyProof(from oldSize: UInt64, to size: UInt64 = 0) async throws -> ConsistencyProofResponse {
        let request = GetConsistencyProofRequest(oldSize: oldSize, size: size)
        return try await .init(serialized: self.call(LedgerMethods.getConsistencyProof, request.serialized))
    }

    /// - Returns: the index of the event's entry; `nil` when there is none.
    package func find(_ event: EventID) async throws -> UInt64? {
        do {
            let payload = try await self.call(LedgerMethods.find, FindRequest(eventID: event).serialized)
            return try FindResponse(serialized: payload).index
        } catch let error as IndelibleError where error.code == .notFound {
            return nil
        }
    }

    package func status() async throws -> LedgerStatus {
        try await LedgerStatus(serialized: self.call(LedgerMethods.getStatus, []))
    }

    package func producer(_ id: [UInt8]) async throws -> ProducerStatus {
        let request = GetProducerRequest(id: id)
        return try await ProducerStatus(serialized: self.call(LedgerMethods.getProducer, request.serialized))
    }

    /// Who shares the actor slots.
    package func slotHolders() async throws -> SlotHolders {
        try SlotHolders(
            serialized: try await self.call(LedgerMethods.getSlotHolders, GetSlotHoldersRequest().serialized)
        )
    }

    private func call(_ method: MethodDescriptor, _ payload: [UInt8]) async throws -> [UInt8] {
        try await self.connection.call(method, payload, log: self.log, deadline: self.deadline)
    }
}

/// Some items of a batch are in the log already, so none was appended: send the others again.
package struct PartlyKnown: Error, Equatable {
    package let items: [KnownItems]

    package init(items: [KnownItems]) { self.items = items }
}
