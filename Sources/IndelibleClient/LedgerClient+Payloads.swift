package import AuditModel
internal import Cryptography
internal import Primitives
internal import ProtobufC
package import ServiceProtocol
internal import Transport

extension LedgerClient {
    /// How long one upload of a payload may take.
    private static let uploadDeadline: Duration = .seconds(300)

    /// Keeps bytes beside the log, under the commitment that an entry carries.
    ///
    /// Repeating it is harmless.
    ///
    /// - Parameters:
    ///   - payload: the bytes.
    ///   - salt: what the commitment was made with.
    ///   - commitment: of the payload and the salt; the ledger checks it.
    /// - Returns: whether they were there before.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when the bytes do not fit the commitment;
    ///   ``IndelibleError/Code/unavailable`` when the ledger cannot be reached.
    package func putPayload(
        _ payload: [UInt8],
        salt: [UInt8],
        commitment: DetachedPayload,
    ) async throws -> PutPayloadResponse {
        let log = self.log
        let answer = try await self.connection.withClient { client in
            try await client.upload(
                LedgerMethods.putPayload,
                Self.chunks(of: payload, salt: salt, commitment: commitment),
                log: log,
                deadline: Self.uploadDeadline,
            )
        }
        return try PutPayloadResponse(serialized: answer)
    }

    /// The bytes that an entry commits to.
    ///
    /// - Parameter commitment: As the entry has it; what comes is compared with it.
    /// - Throws: ``IndelibleError/Code/notFound`` when the ledger does not have them,
    ///   ``IndelibleError/Code/dataLoss`` when it has others; ``IndelibleError/Code/unavailable`` when it cannot be reached.
    package func payload(_ commitment: DetachedPayload) async throws -> [UInt8] {
        let (log, request) = (self.log, GetPayloadRequest(commitment: commitment.commitment).serialized)
        let items = try await self.connection.withClient { $0.stream(LedgerMethods.getPayload, request, log: log) }
        var bytes: [UInt8] = []
        var salt: [UInt8] = []
        for try await item in items {
            let chunk = try PayloadChunk(serialized: item)
            if salt.isEmpty { salt = chunk.salt }
            bytes += chunk.bytes
            guard UInt64(bytes.count) <= commitment.byteCount else { break }
        }
        guard salt.count == DetachedPayload.saltByteCount, try commitment.matches(payload: bytes, salt: salt) else {
            throw IndelibleError(
                .dataLoss,
                "The payload \(commitment.commitment.hex) is not what its entry commits to. Keep the ledger's files.",
            )
        }
        return bytes
    }

    private static func chunks(
        of payload: [UInt8],
        salt: [UInt8],
        commitment: DetachedPayload,
    ) -> AsyncStream<[UInt8]> {
        let size = ProtocolLimits.payloadChunkByteCountMax
        let (chunks, continuation) = AsyncStream<[UInt8]>.makeStream()
        let head = payload.prefix(size)
        let first = PayloadChunk(
            commitment: commitment.commitment,
            salt: salt,
            byteCount: commitment.byteCount,
            bytes: Array(head),
        )
        continuation.yield(first.serialized)
        for start in stride(from: head.endIndex, to: payload.count, by: size) {
            let bytes = Array(payload[start..<min(start + size, payload.count)])
            continuation.yield(PayloadChunk(bytes: bytes).serialized)
        }
        continuation.finish()
        return chunks
    }
}
