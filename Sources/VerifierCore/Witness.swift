internal import Cryptography
package import Primitives
package import Storage
package import TransparencyLog

/// A witness for some logs, with its memory on disk.
///
/// One file for each log, named by its origin's hash, holds the last checkpoint cosigned. Calls come one at a time.
package struct Witness {
    /// Bytes of a stored checkpoint.
    private static let storedByteCountMax = SignedNote.byteCountMax
    /// Proofs of misbehaviour kept for one log; the first ones say it all.
    package static let evidenceCountMax = 64

    private let files: any FileSystem
    private let directory: String
    /// By origin hash, in hexadecimal.
    private var logs: [String: WitnessedLog] = [:]
    /// Contradictions that logs have signed, since the start.
    package private(set) var contradictionCount = 0

    /// Opens the witness's memory.
    ///
    /// - Parameters:
    ///   - signer: A cosigner's key.
    ///   - keys: Of the logs, each named after its log's origin; several may be of one log.
    ///   - files: Where it remembers.
    ///   - directory: In `files`; made when it is not there.
    /// - Throws: ``IndelibleError/Code/dataLoss`` when a stored checkpoint is damaged; what the disk throws.
    package init(
        signer: NoteSigner,
        keys: [VerifierKey],
        files: any FileSystem,
        directory: String,
    ) throws(IndelibleError) {
        self.files = files
        self.directory = directory
        try files.createDirectory(directory)
        var grouped: [String: [VerifierKey]] = [:]
        for key in keys { grouped[try Self.hash(of: key.name), default: []].append(key) }
        for (hash, keys) in grouped {
            let stored = try files.readAll(Self.path(hash, in: directory), byteCountMax: Self.storedByteCountMax)
            self.logs[hash] = try WitnessedLog(keys: keys, signer: signer, stored: stored)
        }
    }

    /// Names a log in paths: SHA-256 of its origin in lower-case hexadecimal.
    package static func hash(of origin: String) throws(IndelibleError) -> String {
        try SHA256.hash(Array(origin.utf8)).hex
    }

    /// Answers a request; when it returns 200, the cosigned checkpoint is durable.
    ///
    /// - Parameters:
    ///   - request: A parsed body.
    ///   - now: Seconds since the Unix epoch.
    ///   - view: What reading the log itself gave at the checkpoint's size.
    /// - Returns: What to send.
    package mutating func add(
        _ request: WitnessRequest,
        at now: UInt64,
        view: WitnessedLog.OwnView = .none,
    ) -> WitnessReply {
        let origin = request.checkpoint.checkpoint.origin
        guard let hash = try? Self.hash(of: origin), var log = self.logs[hash] else { return .unknownLog(origin) }
        defer { self.logs[hash] = log }
        switch log.add(request, at: now, view: view) {
        case .reply(let reply):
            return reply
        case .persist(let checkpoint, let reply):
            do throws(IndelibleError) {
                try self.files.replaceDurably(Self.path(hash, in: self.directory), with: checkpoint)
                log.persisted()
                return reply
            } catch {
                log.persistingFailed()
                return .unavailable("The witness could not store the checkpoint and has stopped. Check its disk.")
            }
        case .keepEvidence(let checkpoint, let reply):
            self.contradictionCount += 1
            self.keep(checkpoint, of: hash)
            return reply
        }
    }

    /// The last checkpoint cosigned for the log with that origin hash.
    package func checkpoint(originHash: String) -> WitnessReply {
        self.logs[originHash]?.monitoringReply ?? WitnessReply(404, "This witness does not know that log.\n")
    }

    /// Whether the clock stands too far behind what was signed, for each log.
    ///
    /// - Parameter now: Seconds since the Unix epoch.
    package func clock(at now: UInt64) -> [(origin: String, findings: [Finding])] {
        self.logs.sorted { $0.key < $1.key }.map { ($0.value.origin, $0.value.clock(at: now).map { [$0] } ?? []) }
    }

    /// Size of the last checkpoint cosigned for `origin`; `nil` for a log that is not witnessed here.
    package func size(of origin: String) -> UInt64? {
        guard let hash = try? Self.hash(of: origin) else { return nil }
        return self.logs[hash]?.size
    }

    /// Best effort: the request is refused whether or not the proof of misbehaviour can be kept.
    private func keep(_ checkpoint: [UInt8], of hash: String) {
        let prefix = "\(hash).evidence-"
        guard let name = try? SHA256.hash(checkpoint).hex.prefix(16),
            let kept = try? self.files.list(self.directory).count(where: { $0.hasPrefix(prefix) }),
            kept < Self.evidenceCountMax
        else { return }
        try? self.files.replaceDurably("\(self.directory)/\(prefix)\(name)", with: checkpoint)
    }

    private static func path(_ hash: String, in directory: String) -> String { "\(directory)/\(hash)" }
}
