import ProtobufC
import LedgerCore
import Primitives
import ServiceProtocol
import Synchronization
import Transport

/// Takes and gives payloads that are kept beside the log.
final class PayloadHandlers: Sendable {
    /// Bytes of one payload.
    private static let byteCountMax: UInt64 = 1 << 30

    private let store: PayloadStore
    private let uploads = Atomic<UInt64>(0)

    init(store: PayloadStore) { self.store = store }

    func put(_ reader: ItemReader) async throws -> [UInt8] {
        guard let first = try await reader.next() else {
            throw IndelibleError(
                .invalidArgument,
                "An upload starts with a chunk that has commitment, salt and byte count.",
            )
        }
        let head = try PayloadChunk(serialized: first)
        guard let commitment = head.commitment, head.byteCount <= Self.byteCountMax else {
            throw IndelibleError(
                .invalidArgument,
                "The first chunk needs a commitment of 32 bytes and a byte count up to \(Self.byteCountMax).",
            )
        }
        let number = self.uploads.wrappingAdd(1, ordering: .relaxed).newValue
        var upload = try self.store.receive(commitment, salt: head.salt, upload: number)
        do {
            var missing = try Self.rest(of: head.byteCount, after: head.bytes)
            try upload.put(head.bytes)
            while let item = try await reader.next() {
                let bytes = try PayloadChunk(serialized: item).bytes
                missing = try Self.rest(of: missing, after: bytes)
                try upload.put(bytes)
            }
            guard missing == 0 else {
                throw IndelibleError(.invalidArgument, "The upload ended \(missing) bytes before its byte count.")
            }
        } catch {
            try? upload.abandon()
            throw error
        }
        return PutPayloadResponse(existed: try upload.finish()).serialized
    }

    private static func rest(of missing: UInt64, after bytes: [UInt8]) throws(IndelibleError) -> UInt64 {
        guard bytes.count <= missing else {
            throw IndelibleError(.invalidArgument, "The upload has more bytes than its first chunk said.")
        }
        return missing - UInt64(bytes.count)
    }

    func get(_ payload: [UInt8], _ writer: ItemWriter) async throws {
        let request = try GetPayloadRequest(serialized: payload)
        guard let stored = try self.store.open(request.commitment) else {
            throw IndelibleError(.notFound, "There is no payload with the commitment \(request.commitment).")
        }
        var offset: UInt64 = 0
        repeat {
            let bytes = try stored.read(ProtocolLimits.payloadChunkByteCountMax, at: offset)
            let chunk =
                offset == 0
                ? PayloadChunk(
                    commitment: stored.commitment,
                    salt: stored.salt,
                    byteCount: stored.byteCount,
                    bytes: bytes,
                )
                : PayloadChunk(bytes: bytes)
            try await writer.send(chunk.serialized)
            guard !bytes.isEmpty else { return }
            offset += UInt64(bytes.count)
        } while offset < stored.byteCount
    }
}
