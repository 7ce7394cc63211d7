import Cryptography
import EventFormats
import Primitives
import ServiceProtocol

/// Who numbers the events of an import, so that importing again makes no duplicates.
///
/// A file is its content: the same bytes are the same producer under any name, and the record's number is the sequence. The
/// content of a pipe is known only at its end, so each of its batches is a producer of its own, named by all that came before.
struct ImportIdentity {
    /// The producer's start is no matter of time here: the content says it all.
    private static let epoch: UInt64 = 1

    private var state: [UInt8]
    private let isStream: Bool

    init(content: Digest) {
        self.state = Array("indelible/import/file/v1\n".utf8) + content.bytes
        self.isStream = false
    }

    /// For standard input.
    ///
    /// - Parameter secret: makes the names of its batches tell nothing about what was masked in them.
    init(stream secret: Digest?) {
        self.state = Array("indelible/import/stream/v1\n".utf8) + (secret?.bytes ?? [])
        self.isStream = true
    }

    /// - Precondition: `batch` is not empty.
    mutating func request(_ batch: ImportBatch) throws(IndelibleError) -> SubmitRequest {
        precondition(!batch.isEmpty, "an empty batch is not sent")
        let first = batch.records[0].number
        if self.isStream {
            var hasher = try SHA256Hasher()
            try hasher.update(self.state.span)
            for record in batch.records {
                try hasher.update(Array("\(record.bytes.count)\n".utf8).span)
                try hasher.update(record.bytes.span)
            }
            self.state = try hasher.finish().bytes
        }
        let id = try SHA256.hash(self.state).bytes
        return SubmitRequest(
            producer: Producer(id: id, epoch: Self.epoch),
            firstSequence: first,
            events: batch.events,
        )
    }
}
