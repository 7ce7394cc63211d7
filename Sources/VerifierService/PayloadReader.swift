import Logging
import Primitives
import ProtobufC
import ServiceKit
import ServiceProtocol
import Transport
import VerifierCore
import Wire

/// Reads the payloads that a log's entries name from its ledger, and compares them with what the entries commit to.
struct PayloadReader {
    /// How often it is asked whether there are payloads to look at.
    private static let pause = Duration.seconds(1)
    /// After a ledger has said that it cannot, or may not, give one.
    private static let pauseWhenRefused = Duration.seconds(30)

    private let origin: String
    private let bytesPerSecond: Int
    private let watch: LogWatch
    private let logger: Logger

    /// - Parameters:
    ///   - origin: Of the log.
    ///   - bytesPerSecond: Most that it reads; 0 for as fast as it goes.
    ///   - watch: Knows what to read.
    ///   - logger: Of this process.
    init(origin: String, bytesPerSecond: Int, watch: LogWatch, logger: Logger) {
        self.origin = origin
        self.bytesPerSecond = bytesPerSecond
        self.watch = watch
        self.logger = logger
    }

    /// Looks at one payload after the other, for as long as the connection holds.
    func run(_ client: RPCClient) async throws {
        while true {
            // Time in which there was nothing to read is not to be made up for.
            var pace = ReadPace(bytesPerSecond: self.bytesPerSecond)
            var pause = Self.pause
            while let payload = try await self.watch.nextPayload() {
                do {
                    try await self.watch.checked(payload, self.check(payload, client, &pace))
                } catch let error as IndelibleError where error.remoteFailure != nil {
                    guard try await self.judge(error, payload) else {
                        pause = Self.pauseWhenRefused
                        break
                    }
                }
            }
            try await Task.sleep(for: pause)
        }
    }

    private func check(
        _ payload: PayloadReference,
        _ client: RPCClient,
        _ pace: inout ReadPace,
    ) async throws -> Finding? {
        let request = GetPayloadRequest(commitment: payload.commitment).serialized
        var check: PayloadCheck?
        for try await item in client.stream(LedgerMethods.getPayload, request, log: self.origin) {
            guard let chunk = try? PayloadChunk(serialized: item) else {
                return payload.altered("bytes that are no part of a payload")
            }
            if check == nil { check = try PayloadCheck(payload, salt: chunk.salt) }
            try check?.update(chunk.bytes)
            guard check?.isTooLong == false else { break }
            try await pace.wait(after: item.count)
        }
        guard let check = check.take() else { return payload.altered("no bytes") }
        return try check.finish()
    }

    /// Takes what the ledger says in the place of a payload.
    ///
    /// - Returns: Whether to go on; else the ledger can be asked again later.
    private func judge(_ error: IndelibleError, _ payload: PayloadReference) async throws -> Bool {
        switch error.code {
        case .notFound:
            try await self.watch.missed(payload)
            return true
        case .dataLoss, .internal:
            try await self.watch.checked(payload, payload.altered(error.message))
            return true
        default:
            self.logger.notice(
                "payloads cannot be checked now",
                metadata: ["commitment": "\(payload.commitment)", "reason": "\(error)"],
            )
            return false
        }
    }
}
