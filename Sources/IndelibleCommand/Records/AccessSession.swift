import AuditModel
import Cryptography
import Foundation
import IndelibleClient
import Platform
import Primitives
import ProtobufC
import ServiceKit
import ServiceProtocol

/// Has it recorded that somebody reads or exports audit data: one entry for each command, before it shows anything.
///
/// A record by the reader's own tool. Whoever reads by other means is seen by the ledger's listener only, which asks for
/// certificates off loopback.
struct AccessSession {
    /// How often a record is submitted under a new epoch when somebody of the same name was quicker.
    private static let attemptCountMax = 3

    /// Such as `export tiles`.
    let what: String
    /// Indexes; empty when nothing is read.
    let range: Range<UInt64>

    /// Never fails: people must be able to read a log that takes no entries; then a note says so.
    func record(through client: ClientOptions) async {
        await self.record(isWanted: (try? client.endpoints())?.recordsItself ?? true) {
            try client.ingestClient(retry: .none)
        }
    }

    /// As the other, for commands that find the log in another way.
    func record(through endpoints: Endpoints?) async {
        await self.record(isWanted: endpoints?.recordsItself ?? true) {
            guard let endpoints else {
                throw IndelibleError(.invalidArgument, "No ingest is known without --data.")
            }
            return IngestClient(
                try ServiceAddress(parsing: endpoints.ingestRPC),
                software: Software.name("cli"),
                retry: .none,
            )
        }
    }

    private func record(isWanted: Bool, _ connect: () throws -> IngestClient) async {
        guard isWanted, let last = self.range.last else { return }
        do {
            let ingest = try connect()
            do {
                try await self.submit(last: last, to: ingest)
            } catch {
                await ingest.close()
                throw error
            }
            await ingest.close()
        } catch {
            let reason = (error as? IndelibleError)?.message ?? "\(error)"
            Terminal.note("This access is not recorded in the log: \(reason)")
        }
    }

    private func submit(last: UInt64, to ingest: IngestClient) async throws {
        // Where the ingest asks for certificates it puts the certificate's name here.
        let who = "user \(NSUserName())"
        let record = AccessRecord(who: who, what: self.what, firstIndex: self.range.lowerBound, lastIndex: last)
        let id = try SHA256.hash(Array("indelible/access/v1\n\(ProcessInfo.processInfo.hostName)\n\(who)\n".utf8)).bytes
        for attempt in 1...Self.attemptCountMax {
            do {
                let response = try await ingest.submit(
                    SubmitRequest(
                        producer: Producer(id: id, epoch: SystemClock.wallNanoseconds),
                        firstSequence: 1,
                        kind: .access,
                        events: [record.serialized],
                    )
                )
                if let rejected = response.rejected.first {
                    throw IndelibleError(.invalidArgument, rejected.reason)
                }
                return
            } catch let error as IndelibleError
                where error.code == .failedPrecondition && attempt < Self.attemptCountMax
            {
                continue
            }
        }
    }
}
