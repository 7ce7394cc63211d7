import AuditModel
import Cryptography
package import EventFormats
import Masking
import Primitives
import ProtobufC
import ServiceProtocol

/// Reads files of records, makes events of them and hands them over, in order.
///
/// What cannot be taken in is told of and counted, and stops nothing else. A file that was imported before, wholly or in part, adds
/// only what is missing.
package struct Importer {
    /// Events of one call.
    package static let batchCountMax = 1000

    /// What happens on the way, for those who watch.
    package enum Notice: Sendable, Equatable {
        case rejected(ImportSummary.Rejection)
        /// Records of the file that are done.
        case progress(file: String, records: UInt64)
    }

    package private(set) var summary = ImportSummary()
    private let normalizer: EventNormalizer
    private let sink: any ImportSink
    private let notify: (Notice) -> Void
    /// Of the file that is being read.
    private var knownByNanoseconds: UInt64 = 0

    package init(_ normalizer: EventNormalizer, to sink: any ImportSink, notify: @escaping (Notice) -> Void) {
        self.normalizer = normalizer
        self.sink = sink
        self.notify = notify
    }

    /// - Throws: what the sink throws; ``IndelibleError/Code/invalidArgument`` when the file cannot be opened.
    package mutating func add(_ file: ImportFile) async throws {
        var identity = try await self.identity(of: file)
        self.knownByNanoseconds = file.knownByNanoseconds
        var reader = try RecordReader()
        var batch = ImportBatch(countMax: Self.batchCountMax)
        var items: [RecordItem] = []
        try await file.read { chunk in
            reader.append(chunk)
            items = reader.takeItems()
            try await self.add(items, of: file, to: &batch, &identity)
            return !reader.isBroken
        }
        if !reader.isBroken {
            reader.finish()
            try await self.add(reader.takeItems(), of: file, to: &batch, &identity)
        }
        try await self.send(&batch, of: file, &identity)
    }

    /// With masking it is blinded: a file's own hash would let who can guess what was masked test the guess.
    private func identity(of file: ImportFile) async throws -> ImportIdentity {
        let masker = self.normalizer.masker
        guard !file.isStandardInput else { return ImportIdentity(stream: try masker?.blinded(.zero)) }
        let content = try await file.contentHash()
        return ImportIdentity(content: try masker?.blinded(content) ?? content)
    }

    private mutating func add(
        _ items: [RecordItem],
        of file: ImportFile,
        to batch: inout ImportBatch,
        _ identity: inout ImportIdentity,
    ) async throws {
        for item in items {
            switch item {
            case .rejected(let rejected):
                self.reject(file, line: rejected.line, record: rejected.number, rejected.reason)
            case .record(let record):
                guard let event = try await self.event(of: record, in: file) else { continue }
                if batch.isFull || !batch.continues(with: record.number) {
                    try await self.send(&batch, of: file, &identity)
                }
                batch.add(event, of: record)
            }
        }
    }

    /// The serialised event; `nil` when the record was rejected.
    ///
    /// A record that does not fit is safe beside the log before its event is sent.
    private mutating func event(of record: RawRecord, in file: ImportFile) async throws -> [UInt8]? {
        do {
            let event = try self.normalizer.normalize(record, knownByNanoseconds: self.knownByNanoseconds)
            return try await self.sink.serialized(event)
        } catch let error as IndelibleError where error.code == .invalidArgument {
            self.reject(file, line: record.line, record: record.number, error.message)
            return nil
        }
    }

    private mutating func send(
        _ batch: inout ImportBatch,
        of file: ImportFile,
        _ identity: inout ImportIdentity,
    ) async throws {
        guard let last = batch.records.last else { return }
        let response = try await self.sink.submit(try identity.request(batch))
        let duplicates = UInt64(response.duplicates)
        self.summary.count(
            accepted: UInt64(response.accepted) - min(duplicates, UInt64(response.accepted)),
            duplicates: duplicates,
        )
        if response.durable, response.accepted > 0 {
            self.summary.cover(
                min(response.firstIndex, response.lastIndex)...max(response.firstIndex, response.lastIndex)
            )
        }
        for rejected in response.rejected {
            let position = Int(rejected.position)
            let record = batch.records.indices.contains(position) ? batch.records[position] : last
            self.reject(file, line: record.line, record: record.number, rejected.reason)
        }
        self.notify(.progress(file: file.path, records: last.number))
        batch.removeAll()
    }

    private mutating func reject(_ file: ImportFile, line: Int, record: UInt64, _ reason: String) {
        let rejection = ImportSummary.Rejection(file: file.path, line: line, record: record, reason: reason)
        self.summary.reject(rejection)
        self.notify(.rejected(rejection))
    }
}
