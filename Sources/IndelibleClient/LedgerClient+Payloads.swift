package import AuditModel
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
