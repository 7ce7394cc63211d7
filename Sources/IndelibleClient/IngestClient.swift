internal import Primitives
internal import ProtobufC
package import ServiceProtocol
internal import Wire

/// A collector's methods with values in place of bytes, over one connection that mends itself.
package final class IngestClient: Sendable {
    private let connection: ReconnectingClient
    private let deadline: Duration

    /// - Parameters:
    ///   - address: of the collector; nothing is connected before the first call.
    ///   - software: for the collector's logs.
    ///   - deadline: how long one attempt of a call may take.
    ///   - retry: what to do when the collector is away.
    package init(
        _ address: ServiceAddress,
        software: String,
        deadline: Duration = .seconds(30),
        retry: RetryPolicy = RetryPolicy(),
    ) {
        self.connection = ReconnectingClient({ address }, software: software, retry: retry)
        self.deadline = deadline
    }

    package func close() async { await self.connection.close() }

    /// Hands over events, exactly once; returns when they are safe.
    ///
    /// - Returns: which were taken, and for the others why not.
    package func submit(_ request: SubmitRequest) async throws -> SubmitResponse {
        let payload = try await self.connection.call(
            IngestMethods.submit,
            request.serialized,
            log: "",
            deadline: self.deadline,
        )
        return try SubmitResponse(serialized: payload)
    }

    package func status() async throws -> IngestStatus {
        let method = IngestMethods.getIngestStatus
        let payload = try await self.connection.call(method, [], log: "", deadline: self.deadline)
        return try IngestStatus(serialized: payload)
    }
}
