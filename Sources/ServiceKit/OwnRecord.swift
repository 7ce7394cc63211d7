package import AuditModel
internal import Primitives
internal import ProtobufC
package import ServiceProtocol
package import Transport

/// A record that a process of the suite writes about itself.
package struct OwnRecord: Sendable {
    /// How long one attempt to submit it may take.
    private static let deadline = Duration.seconds(10)

    package let producer: Producer
    package let sequence: UInt64
    package let kind: EntryKind
    /// The serialised record.
    package let body: [UInt8]

    package init(producer: Producer, sequence: UInt64, kind: EntryKind, body: [UInt8]) {
        self.producer = producer
        self.sequence = sequence
        self.kind = kind
        self.body = body
    }

    /// As it is submitted to an ingest.
    package var request: SubmitRequest {
        SubmitRequest(producer: self.producer, firstSequence: self.sequence, kind: self.kind, events: [self.body])
    }

    /// Submits it once, over a connection of its own: such records are rare.
    ///
    /// - Parameters:
    ///   - ingest: resolved now.
    ///   - tls: `nil` for plain TCP.
    ///   - software: for the ingest's logs.
    /// - Throws: an ``IndelibleError`` when it is not known to be safe.
    package func submit(to ingest: PeerAddress, tls: TLSSettings?, software: String) async throws {
        let endpoint = try ingest.resolve()
        let client = try await RPCClient.connect(
            RPCClient.Configuration(host: endpoint.host, port: endpoint.port, tls: tls, software: software)
        )
        do {
            let answer = try await client.call(
                IngestMethods.submit,
                self.request.serialized,
                log: "",
                deadline: Self.deadline,
            )
            if let refusal = try SubmitResponse(serialized: answer).rejected.first {
                throw IndelibleError(.invalidArgument, "The ingest refuses the record: \(refusal.reason)")
            }
        } catch {
            await client.close()
            throw error
        }
        await client.close()
    }
}
