import AuditModel
import Cryptography
import IndelibleClient
import Platform
import Primitives
import ProtobufC
import ServiceProtocol
import TransparencyLog

/// The operator's word that a key belongs to the suite, or no longer does, as an entry of the log.
struct KeyEnrolment {
    /// `collector`, `log` or `witness`.
    let purpose: String
    let key: VerifierKey
    /// `enrolled` or `retired`.
    var action = "enrolled"

    /// Signs it and hands it to an ingest; returns when it is safe.
    ///
    /// - Parameter root: the operator's root key, which verifiers hold outside the log.
    func submit(signedBy root: NoteSigner, to ingest: IngestClient) async throws {
        let now = SystemClock.wallNanoseconds
        let body = KeyRecord.Body(
            name: self.key.name,
            publicKey: self.key.publicKey,
            purpose: self.purpose,
            action: self.action,
            fromNanoseconds: now,
        )
        let record = try KeyRecord(signing: body, by: root.key)
        // One producer for each key: whoever enrols several at once does not get in the way of others.
        let id = try SHA256.hash(Array("indelible/key-enrolment/v1\n\(self.key)\n".utf8)).bytes
        let response = try await ingest.submit(
            SubmitRequest(
                producer: Producer(id: id, epoch: now),
                firstSequence: 1,
                kind: .key,
                events: [record.serialized],
            )
        )
        if let rejected = response.rejected.first {
            throw IndelibleError(.invalidArgument, "The key record was rejected: \(rejected.reason)")
        }
    }
}
