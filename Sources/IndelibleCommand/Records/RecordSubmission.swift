import AuditModel
import Cryptography
import IndelibleClient
import Platform
import Primitives
import ServiceProtocol

/// A record that a person has written into the log: a label, a mute, a word on a model.
struct RecordSubmission {
    let kind: EntryKind
    /// The serialised record.
    let body: [UInt8]

    /// Hands it to an ingest; returns when it is safe.
    ///
    /// - Returns: its index; `nil` when it is in the spool, for the log to take later.
    func submit(through client: ClientOptions) async throws -> UInt64? {
        let ingest = try client.ingestClient()
        let response: SubmitResponse
        do {
            response = try await ingest.submit(
                SubmitRequest(
                    producer: Producer(id: try SecureRandom.bytes(16), epoch: SystemClock.wallNanoseconds),
                    firstSequence: 1,
                    kind: self.kind,
                    events: [self.body],
                )
            )
        } catch {
            await ingest.close()
            throw error
        }
        await ingest.close()
        if let rejected = response.rejected.first {
            throw IndelibleError(.invalidArgument, "The record was rejected: \(rejected.reason)")
        }
        return response.durable ? response.firstIndex : nil
    }
}
