package import Logging
import NIOHTTP1
import Primitives
import ServiceKit
import ServiceLifecycle
import TransparencyLog
package import Transport
import VerifierCore

/// Reads a log over plain HTTP as C2SP tlog-tiles has it, whoever wrote it, for as long as the process lives.
package struct TilesReader: Service {
    private static let answerSeconds: Int64 = 30
    /// Batches that are not as they were, after which reading the log again says no more.
    private static let differingBundleCountMax = 16

    private let url: String
    private let tls: ClientTLS?
    private let poll: Duration
    private let rescan: Duration?
    private let rescanRate: Int
    private let watch: LogWatch
    private let metrics: VerifierMetrics
    private let logger: Logger

    /// - Parameters:
    ///   - url: Prefix of the log's files, without a slash at the end.
    ///   - tls: For an `https` prefix; `nil` trusts the system's authorities.
    ///   - poll: Time between two looks at the checkpoint.
    ///   - rescan: Time between two readings of the whole log; `nil` for never.
    ///   - rescanRate: Bytes a second that such a reading may take; 0 for as many as there are.
    ///   - watch: What takes in all that is read.
    ///   - metrics: Of this log.
    ///   - logger: Of this process.
    package init(
        url: String,
        tls: ClientTLS?,
        poll: Duration,
        rescan: Duration?,
        rescanRate: Int = 0,
        watch: LogWatch,
        metrics: VerifierMetrics,
        logger: Logger,
    ) {
        self.url = url
        self.tls = tls
        self.poll = poll
        self.rescan = rescan
        self.rescanRate = rescanRate
        self.watch = watch
        self.metrics = metrics
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await self.follow()
                    self.metrics.connected.set(1)
                    await self.watch.reached()
                    if let rescan, await self.watch.isRescanDue(every: rescan / .seconds(1)) {
                        try await self.rescanAll()
                    }
                } catch {
                    guard !Task.isCancelled else { break }
                    self.metrics.connected.set(0)
                    await self.watch.failed()
                    self.logger.info("the log cannot be read", metadata: ["url": "\(self.url)", "reason": "\(error)"])
                }
                try? await Task.sleep(for: self.poll)
            }
        }
    }

    /// Reads up to the checkpoint that the log shows now.
    package func follow() async throws {
        guard let note = try await self.get("checkpoint") else {
            throw IndelibleError(.unavailable, "There is no checkpoint.")
        }
        var verified = try await self.watch.check(note)
        if verified == nil {
            let size = try SignedCheckpoint(parsing: note).checkpoint.size
            try await self.read(to: size)
            verified = try await self.watch.check(note)
        }
        guard verified != true else { return }
        if await self.watch.beginContradiction() { try await self.rescanAll() }
        try await self.watch.rewind()
        throw IndelibleError(.dataLoss, "The log's checkpoint does not follow from its entries.")
    }

    private func read(to size: UInt64) async throws {
        while await self.watch.next < size {
            let next = await self.watch.next
            guard let bundle = try await self.bundle(of: next, size: size) else {
                return try await self.watch.reportUnreadable(
                    next,
                    IndelibleError(.dataLoss, "There is no such file."),
                )
            }
            let skipped = Int(next & 0xff)
            try await self.watch.read(Array(bundle.ranges.dropFirst(skipped)), of: bundle.bytes, first: next)
        }
    }

    /// Compares every verified entry and every tile with what they were the first time.
    private func rescanAll() async throws {
        let range = try await self.watch.beginRescan()
        var pace = ReadPace(bytesPerSecond: self.rescanRate)
        var first: Finding.Kind?
        var differing = 0
        var next = range.lowerBound & ~0xff
        while next < range.upperBound, differing < Self.differingBundleCountMax {
            guard let bundle = try await self.bundle(of: next, size: range.upperBound) else {
                try await self.watch.reportUnreadable(next, IndelibleError(.dataLoss, "There is no such file."))
                return try await self.watch.endRescan(first ?? .entryMissing)
            }
            let finding = try await self.watch.reread(bundle.ranges, of: bundle.bytes, first: next)
            differing += finding == nil ? 0 : 1
            first = first ?? finding
            next += UInt64(bundle.ranges.count)
            try await pace.wait(after: bundle.bytes.count)
        }
        for tile in TileGrowth(from: 0, to: range.upperBound) where tile.content != .entries {
            let bytes = try await self.file(tile)?.bytes
            let finding = try await self.watch.compare(tile, bytes)
            first = first ?? finding
            try await pace.wait(after: bytes?.count ?? 0)
        }
        try await self.watch.endRescan(first)
    }

    /// The bundle with an entry, as wide as a tree of `size` entries has it.
    private func bundle(of index: UInt64, size: UInt64) async throws -> (bytes: [UInt8], ranges: [Range<Int>])? {
        let width = Int(min(size - index & ~0xff, UInt64(TilePath.widthMax)))
        guard let path = TilePath(.entries, index: index >> 8, width: width),
            let file = try await self.file(path)
        else { return nil }
        do throws(IndelibleError) {
            return (file.bytes, Array(try EntryBundle.ranges(in: file.bytes, count: file.width).prefix(width)))
        } catch {
            try await self.watch.reportUnreadable(index, error)
            throw error
        }
    }

    /// A file, or the full one when the partial one is gone.
    private func file(_ path: TilePath) async throws -> (bytes: [UInt8], width: Int)? {
        if let bytes = try await self.get(path.description) { return (bytes, path.width) }
        guard path.isPartial, let bytes = try await self.get(path.full.description) else { return nil }
        return (bytes, path.full.width)
    }

    private func get(_ path: String) async throws -> [UInt8]? {
        let url = "\(self.url)/\(path)"
        let response = try await HTTPClient.request(
            .GET,
            url,
            seconds: Self.answerSeconds,
            byteCountMax: EntryBundle.byteCountMax,
            tls: self.tls,
        )
        switch response.status {
        case 200: return response.body
        case 404, 410: return nil
        default: throw IndelibleError(.unavailable, "\(url) answered \(response.status).")
        }
    }
}
