import NIOHTTP1
import Primitives
import ServiceKit
import Synchronization
import TransparencyLog
import Transport

/// The log's side of one witness (C2SP tlog-witness).
final class WitnessClient: Sendable {
    /// Tries for one checkpoint; the second and third follow a 409 that names another size.
    private static let tryCountMax = 3
    /// Longest wait for one answer.
    private static let answerSeconds: Int64 = 1
    private static let sizeContentType = "text/x.tlog.size"

    /// What was last known of the witness.
    struct State: Sendable {
        /// Size of the last checkpoint that it cosigned for us.
        var size: UInt64 = 0
        var cosignedSeconds: UInt64 = 0
        var error: String?
    }

    /// How an attempt ended.
    enum Answer: Sendable {
        case cosigned(NoteSignature)
        /// Not reachable, or it refuses for reasons of its own: go on without it.
        case absent(String)
        /// It holds a checkpoint that this log cannot have signed with the state it has now: stop signing.
        case contradiction(String)
    }

    let key: VerifierKey
    let url: String
    private let tls: ClientTLS?
    private let state = Mutex(State())

    var current: State { self.state.withLock { $0 } }

    /// - Parameters:
    ///   - key: of the witness.
    ///   - url: submission and monitoring prefix, `http[s]://host:port[/path]`.
    ///   - tls: for `https`; `nil` trusts the system's authorities.
    init(key: VerifierKey, url: String, tls: ClientTLS? = nil) {
        self.key = key
        self.tls = tls
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
    }

    /// The size that the witness last saw of `origin`.
    ///
    /// - Returns: `nil` when it has never seen the log.
    /// - Throws: ``IndelibleError/Code/unavailable`` when it cannot be asked.
    func lastSeen(_ origin: String, log: VerifierKey) async throws -> SignedCheckpoint? {
        let path = try WitnessPath.checkpoint(of: origin)
        let response = try await HTTPClient.request(.GET, self.url + path, seconds: Self.answerSeconds, tls: self.tls)
        if response.status == 404 { return nil }
        guard response.status == 200 else {
            throw IndelibleError(.unavailable, "The witness \(self.key.name) answered \(response.status).")
        }
        let checkpoint = try SignedCheckpoint(parsing: response.body, signedBy: log)
        self.state.withLock { $0.size = max($0.size, checkpoint.checkpoint.size) }
        return checkpoint
    }

    /// Asks for a cosignature.
    ///
    /// - Parameters:
    ///   - checkpoint: signed by the log only.
    ///   - proof: the consistency proof from a size to the checkpoint's.
    func cosign(_ checkpoint: SignedCheckpoint, proof: @Sendable (UInt64) throws -> [Digest]) async -> Answer {
        let answer: Answer
        do {
            answer = try await self.request(checkpoint, proof: proof)
        } catch {
            answer = .absent("\(error)")
        }
        self.state.withLock { state in
            switch answer {
            case .cosigned(let signature):
                state.size = checkpoint.checkpoint.size
                state.cosignedSeconds = Cosignature(signature.bytes)?.timestamp ?? 0
                state.error = nil
            case .absent(let reason), .contradiction(let reason): state.error = reason
            }
        }
        return answer
    }

    private func request(
        _ checkpoint: SignedCheckpoint,
        proof: @Sendable (UInt64) throws -> [Digest],
    ) async throws -> Answer {
        var old = self.current.size
        for _ in 0..<Self.tryCountMax {
            let size = checkpoint.checkpoint.size
            guard old <= size else {
                return .contradiction(
                    "The witness \(self.key.name) has seen \(old) entries, this log has \(size): it was restored from an old copy."
                )
            }
            let body = try WitnessRequest(oldSize: old, proof: proof(old), checkpoint: checkpoint).bytes
            let response = try await HTTPClient.request(
                .POST,
                self.url + WitnessPath.addCheckpoint,
                body: body,
                seconds: Self.answerSeconds,
                tls: self.tls,
            )
            switch response.status {
            case 200: return try self.accept(response.body, for: checkpoint)
            case 409 where response.headers.first(name: "Content-Type") == Self.sizeContentType:
                let text = String(decoding: response.body, as: UTF8.self)
                guard text.hasSuffix("\n"), let size = UInt64(text.dropLast()) else {
                    return .absent("The witness \(self.key.name) answered 409 without a size.")
                }
                old = size
            case 422:
                return .contradiction(
                    "The witness \(self.key.name) has seen another history of this log than the one on this disk."
                )
            default: return .absent("The witness \(self.key.name) answered \(response.status).")
            }
        }
        return .absent("The witness \(self.key.name) kept naming other sizes.")
    }

    private func accept(_ lines: [UInt8], for checkpoint: SignedCheckpoint) throws(IndelibleError) -> Answer {
        for signature in try SignedNote.signatureLines(lines) where self.key.isNamed(in: signature) {
            guard self.key.verify(signature, over: checkpoint.note.text) != nil else { continue }
            return .cosigned(signature)
        }
        return .absent("The witness \(self.key.name) sent no cosignature that its key verifies.")
    }
}
