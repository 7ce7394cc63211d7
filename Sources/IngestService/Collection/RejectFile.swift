import JSONText
package import Logging
package import NIOCore
import Platform
import Primitives
package import Storage

/// What was refused for good, and why: JSON lines on the collector's disk, for those who have to set a sender right.
///
/// Bounded: a full file takes the place of the one before it. Each refusal is also counted in a metric and told to the
/// sender; this is not a way to get events back that the sender has dropped.
package actor RejectFile {
    package struct Reject: Sendable, Equatable {
        package let adapter: String
        package let reason: String
        package let record: [UInt8]

        package init(adapter: String, reason: String, record: [UInt8]) {
            self.adapter = adapter
            self.reason = reason
            self.record = record
        }
    }

    package struct Limits: Sendable {
        /// Bytes of one file; there are two.
        package var fileByteCountMax = 16 << 20
        /// Bytes of a record that are kept.
        package var recordByteCountMax = 4 << 10

        package init() {}
    }

    package static let path = "rejected.jsonl"
    package static let olderPath = "rejected.1.jsonl"

    private let files: any FileSystem
    private let limits: Limits
    private let loop: any EventLoop
    private let logger: Logger
    private var file: (any File)?
    private var end: UInt64 = 0

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe self.loop.executor.asUnownedSerialExecutor()
    }

    package init(in files: any FileSystem, limits: Limits = Limits(), loop: any EventLoop, logger: Logger) {
        self.files = files
        self.limits = limits
        self.loop = loop
        self.logger = logger
    }

    /// Adds refusals; without a sync, as the sender has been told.
    package func add(_ rejects: [Reject]) {
        guard !rejects.isEmpty else { return }
        var text: [UInt8] = []
        for reject in rejects { text += self.line(reject) }
        do throws(IndelibleError) {
            try self.write(text)
        } catch {
            self.logger.error(
                "refused records could not be kept",
                metadata: ["count": "\(rejects.count)", "error": "\(error)"],
            )
            self.file = nil
        }
    }

    private func write(_ text: [UInt8]) throws(IndelibleError) {
        if let file = self.file, self.end + UInt64(text.count) > UInt64(self.limits.fileByteCountMax), self.end > 0 {
            file.close()
            self.file = nil
            try self.files.rename(Self.path, to: Self.olderPath)
        }
        if self.file == nil {
            let file = try self.files.open(Self.path, .readWrite)
            self.end = try file.size()
            self.file = file
        }
        try self.file?.write(text, at: self.end)
        self.end += UInt64(text.count)
    }

    private func line(_ reject: Reject) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("time_ns", SystemClock.wallNanoseconds)
            writer.member("adapter", reject.adapter)
            writer.member("reason", reject.reason)
            writer.member("byte_count", reject.record.count)
            writer.member(
                "record",
                String(decoding: reject.record.prefix(self.limits.recordByteCountMax), as: UTF8.self),
            )
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }
}
