internal import Primitives
package import Transport
package import Wire

/// One connection to a service that is made when it is needed, and made again when it broke.
package actor ReconnectingClient {
    /// Asked at every connection, as a service may come back elsewhere.
    package typealias Resolver = @Sendable () throws -> ServiceAddress

    private let resolve: Resolver
    private let software: String
    private let retry: RetryPolicy
    /// The latest connection, or the attempt to make it; shared by all calls that wait for it.
    private var connection: Task<RPCClient, any Error>?
    /// Tells connections apart, so that a broken one is discarded once.
    private var generation = 0
    private var isClosed = false

    package init(_ resolve: @escaping Resolver, software: String, retry: RetryPolicy = RetryPolicy()) {
        self.resolve = resolve
        self.software = software
        self.retry = retry
    }

    /// Calls a unary method, again on a new connection when the service could not be reached.
    ///
    /// - Returns: the response.
    /// - Throws: an ``IndelibleError``; `unavailable` when all attempts failed.
    package nonisolated func call(
        _ method: MethodDescriptor,
        _ payload: [UInt8],
        log: String,
        deadline: Duration?,
    ) async throws -> [UInt8] {
        var attempt = 0
        while true {
            do {
                return try await self.withClient { client in
                    try await client.call(method, payload, log: log, deadline: deadline)
                }
            } catch let error as IndelibleError where error.code == .unavailable {
                attempt += 1
                guard attempt < self.retry.attemptCountMax else { throw error }
                try await Task.sleep(for: self.retry.delay(before: attempt))
            }
        }
    }

    /// Does something with the connection, and gives it up when that fails for want of it.
    ///
    /// - Throws: what `body` throws; ``IndelibleError/Code/unavailable`` when there is no connection.
    package nonisolated func withClient<Result: Sendable>(
        _ body: @Sendable (RPCClient) async throws -> Result
    ) async throws -> Result {
        let (client, generation) = try await self.connected()
        do {
            return try await body(client)
        } catch let error as IndelibleError where error.code == .unavailable {
            await self.discard(generation)
            throw error
        }
    }

    /// Closes the connection; every later call fails.
    package func close() async {
        self.isClosed = true
        guard let connection else { return }
        self.connection = nil
        if case .success(let client) = await connection.result { await client.close() }
    }

    private func connected() async throws -> (client: RPCClient, generation: Int) {
        guard !self.isClosed else {
            throw IndelibleError(.failedPrecondition, "The client is closed. Make another one.")
        }
        let generation: Int
        let connection: Task<RPCClient, any Error>
        if let current = self.connection {
            (connection, generation) = (current, self.generation)
        } else {
            let (resolve, software) = (self.resolve, self.software)
            self.generation += 1
            connection = Task { try await Self.connect(try resolve(), software: software) }
            generation = self.generation
            self.connection = connection
        }
        do {
            return (try await connection.value, generation)
        } catch {
            self.discard(generation)
            throw error
        }
    }

    private static func connect(_ address: ServiceAddress, software: String) async throws -> RPCClient {
        let configuration = RPCClient.Configuration(
            host: address.host,
            port: address.port,
            tls: address.tls,
            serverName: address.serverName,
            software: software,
        )
        return try await RPCClient.connect(configuration)
    }

    private func discard(_ generation: Int) {
        if self.generation == generation { self.connection = nil }
    }
}
