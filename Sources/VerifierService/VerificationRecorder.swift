import AuditModel
import Cryptography
import JSONText
package import Logging
import Platform
package import Primitives
import ProtobufC
package import ServiceKit
import ServiceProtocol
package import Storage
package import TransparencyLog
package import Transport

/// Says what a reading of the whole log came to: in a file, and as a signed entry that ingest takes.
package actor VerificationRecorder {
    private static let producerByteCount = 16

    private let signer: NoteSigner
    private let ingest: PeerAddress?
    private let tls: TLSSettings?
    private let files: any FileSystem
    private let logger: Logger
    /// This start's number; sequences begin anew with it.
    private let epoch = SystemClock.wallNanoseconds
    private var nextSequence: UInt64 = 1

    /// - Parameters:
    ///   - signer: the verifier's own key.
    ///   - ingest: where records are handed in; `nil` leaves it at the file.
    ///   - tls: `nil` for plain TCP.
    ///   - files: the verifier's directory.
    ///   - logger: of this process.
    package init(
        signer: NoteSigner,
        ingest: PeerAddress?,
        tls: TLSSettings?,
        files: any FileSystem,
        logger: Logger,
    ) {
        self.signer = signer
        self.ingest = ingest
        self.tls = tls
        self.files = files
        self.logger = logger
    }

    /// Records one reading.
    ///
    /// - Parameters:
    ///   - origin: of the log.
    ///   - size: entries that were compared.
    ///   - root: that they lead to.
    ///   - result: `verified`, or the kind of finding.
    ///   - isDue: whether the log gets an entry, too.
    ///   - path: of the file, in the verifier's directory.
    /// - Returns: whether nothing is left to be done.
    package func record(
        origin: String,
        size: UInt64,
        root: Digest,
        result: String,
        isDue: Bool,
        to path: String,
    ) async -> Bool {
        do {
            let now = SystemClock.wallNanoseconds
            var record = VerificationRecord(
                verifier: self.signer.verifierKey.description,
                size: size,
                root: root,
                result: result,
                detail: "read from byte 0",
            )
            try record.sign(by: self.signer.key)
            try self.files.replaceDurably(path, with: Self.text(record, origin, at: now))
            guard isDue, let ingest else { return !isDue }
            try await self.submit(record, to: ingest)
            return true
        } catch {
            self.logger.warning("a verification is not on record yet", metadata: ["reason": "\(error)"])
            return false
        }
    }

    private func submit(_ record: VerificationRecord, to ingest: PeerAddress) async throws {
        let name = Array(self.signer.verifierKey.description.utf8)
        let own = OwnRecord(
            producer: Producer(
                id: Array(try SHA256.hash(name).bytes.prefix(Self.producerByteCount)),
                epoch: self.epoch,
            ),
            sequence: self.nextSequence,
            kind: .verification,
            body: record.serialized,
        )
        try await own.submit(to: ingest, tls: self.tls, software: Software.name("verifier"))
        self.nextSequence += 1
    }

    private static func text(_ record: VerificationRecord, _ origin: String, at now: UInt64) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            for (key, text) in [
                ("verifier", record.verifier), ("origin", origin), ("root", Base64.encode(record.root.bytes)),
                ("result", record.result), ("detail", record.detail), ("signature", Base64.encode(record.signature)),
                ("record", Base64.encode(record.serialized)),
            ] {
                writer.member(key, text)
            }
            for (key, number) in [("size", record.size), ("finished_ns", now)] {
                writer.member(key, number)
            }
        }
        return Array((writer.text + "\n").utf8)
    }
}
