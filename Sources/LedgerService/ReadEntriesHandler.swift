import ProtobufC
import AuditModel
import LedgerCore
import Primitives
import ServiceProtocol
import Transport

/// Streams entries from an index, filtered by kind and slot, and follows the end of the log when asked to.
struct ReadEntriesHandler: Sendable {
    /// Bytes of one item, about; a single entry may be longer.
    private static let batchByteCount = 256 << 10
    /// Entries looked at between two items, so that a reader whose filter lets little through still moves on.
    private static let scanCountMax: UInt64 = 16_384

    let reader: LogReader
    let durable: Broadcast<UInt64>

    func run(_ request: [UInt8], _ writer: ItemWriter) async throws {
        let request = try ReadEntriesRequest(serialized: request)
        let end = request.to == 0 ? UInt64.max : request.to
        guard request.from <= end else {
            throw IndelibleError(.invalidArgument, "`from` is \(request.from), behind `to`, \(request.to).")
        }
        var next = request.from
        for await size in self.durable.subscribe() {
            let limit = min(size, end)
            while next < limit { try await self.send(request, &next, limit, size, to: writer) }
            guard request.follow, next < end else { return }
        }
        throw LogHost.stopping
    }

    private func send(
        _ request: ReadEntriesRequest,
        _ next: inout UInt64,
        _ limit: UInt64,
        _ size: UInt64,
        to writer: ItemWriter,
    ) async throws {
        let stop = min(limit, next + Self.scanCountMax)
        var batch = EntryBatchBuilder(byteCountExpected: Self.batchByteCount + 1024)
        let empty = batch.byteCount
        while next < stop, batch.byteCount < Self.batchByteCount {
            let room = Self.batchByteCount - batch.byteCount
            do throws(IndelibleError) {
                guard let run = try self.reader.entries(from: next, to: stop, byteCountMax: room) else { break }
                Self.append(run, request, to: &batch)
                next = run.end
            } catch {
                // The reader gets all that is intact first, and so learns which entry is not.
                guard batch.byteCount > empty else { throw error }
                break
            }
        }
        try await writer.send(batch.finish(next: next, durableSize: size))
    }

    private static func append(_ run: EntryRun, _ request: ReadEntriesRequest, to batch: inout EntryBatchBuilder) {
        let bytes = run.bytes.span
        var offset = 0
        for position in run.kinds.indices {
            let count = Int(bytes[offset]) << 8 | Int(bytes[offset + 1])
            let entry = bytes.extracting(offset + 2..<offset + 2 + count)
            offset += 2 + count
            guard let kind = EntryKind(rawValue: UInt8(run.kinds[position])) else { continue }
            let slot = run.slots[position]
            guard request.wants(kind, slot: slot) else { continue }
            batch.append(index: run.first + UInt64(position), kind: kind, slot: slot, entry: entry)
        }
    }
}
