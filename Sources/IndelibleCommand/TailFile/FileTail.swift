import AuditModel
import Cryptography
import EventFormats
import Platform
import Primitives
import ProtobufC
import ServiceProtocol
import Storage

/// Follows one file: takes in its lines in order, each once, also across rotations and restarts.
struct FileTail {
    /// Bytes of one line; a longer one is refused and told of in the log.
    static let lineByteCountMax = 1 << 20
    /// Lines of one call.
    private static let batchCountMax = 1000
    /// Between two looks at a file that does not grow.
    private static let pollInterval = Duration.milliseconds(250)
    /// Whoever writes may hold a file open for a while after it was renamed.
    private static let rotatedPolls = 8
    private static let retryFirst = Duration.milliseconds(200)
    private static let retryMax = Duration.seconds(10)

    let path: String
    let normalizer: EventNormalizer
    /// Lines that are no JSON object are refused.
    let jsonOnly: Bool
    let sink: any ImportSink
    /// Where the position is kept.
    let files: any FileSystem
    let stateName: String
    private(set) var position: TailPosition
    private(set) var takenCount: UInt64 = 0
    private(set) var rejectedCount: UInt64 = 0

    init(
        _ path: String,
        _ normalizer: EventNormalizer,
        jsonOnly: Bool,
        to sink: any ImportSink,
        state files: any FileSystem,
        named stateName: String,
    ) throws(IndelibleError) {
        self.path = path
        self.normalizer = normalizer
        self.jsonOnly = jsonOnly
        self.sink = sink
        self.files = files
        self.stateName = stateName
        if let bytes = try files.readAll(stateName, byteCountMax: TailPosition.byteCountMax) {
            self.position = try TailPosition(parsing: bytes, what: stateName)
        } else {
            self.position = TailPosition(producer: try SecureRandom.bytes(16), epoch: SystemClock.wallNanoseconds)
            // Before anything is sent: what is sent must be known again.
            try files.replaceDurably(stateName, with: Array(self.position.text.utf8))
        }
    }

    /// Goes on until the task is cancelled.
    ///
    /// - Parameter once: returns when everything that is there has been taken in; a line without an end is left for later.
    mutating func run(once: Bool) async throws {
        var pending = try await self.start()
        while !Task.isCancelled {
            guard let file = pending.first ?? FollowedFile(self.path) else {
                if once { return }
                try? await Task.sleep(for: Self.pollInterval)
                continue
            }
            pending = Array(pending.dropFirst())
            // Where others wait behind it, it grows no more.
            if try await self.follow(file, isLast: pending.isEmpty, once: once) { return }
            if pending.isEmpty { pending = self.later(than: file) }
        }
    }

    /// The files that are to be read before the one at the path, the oldest first; that one itself when it is known.
    private mutating func start() async throws -> [FollowedFile] {
        guard let mark = self.position.file else { return [] }
        let offset = self.position.offset
        if let file = FollowedFile(self.path), try file.matches(mark, offset: offset) {
            try file.seek(to: offset)
            return [file]
        }
        let rotated = FollowedFile.rotated(from: self.path)
        for (index, file) in rotated.enumerated() where try file.matches(mark, offset: offset) {
            try file.seek(to: offset)
            return Array(rotated[index...])
        }
        let detail = "the file that was read up to byte \(offset) is gone, or was cut; lines behind that may be missing"
        try await self.record("gap", detail, first: self.position.nextNumber)
        self.position.offset = 0
        self.position.file = nil
        return []
    }

    /// What rotations left beside the path after they had moved `file` away.
    private func later(than file: FollowedFile) -> [FollowedFile] {
        let rotated = FollowedFile.rotated(from: self.path)
        guard let index = rotated.firstIndex(where: file.isSame) else { return [] }
        return Array(rotated[(index + 1)...])
    }

    /// Takes in a file from where it stands.
    ///
    /// - Returns: false when its path leads to another now.
    private mutating func follow(_ file: FollowedFile, isLast: Bool, once: Bool) async throws -> Bool {
        self.position.offset = file.offset
        var cutter = LineCutter(
            number: self.position.nextNumber,
            offset: file.offset,
            lineByteCountMax: Self.lineByteCountMax,
        )
        var quietPolls = 0
        while !Task.isCancelled {
            let chunk = try file.read()
            if !chunk.isEmpty {
                quietPolls = 0
                try await self.take(cutter.append(chunk), of: file)
                continue
            }
            if file.size < file.offset {
                let detail = "the file was cut to \(file.size) bytes after \(file.offset); lines between may be missing"
                try await self.record("gap", detail, first: self.position.nextNumber)
                try file.seek(to: 0)
                return try await self.follow(file, isLast: isLast, once: once)
            }
            // A file from a rotation has another name than the path that is asked for here.
            let isCurrent = isLast && file.path == self.path && file.isAtItsPath
            if isCurrent, once { return true }
            if !isCurrent {
                quietPolls += 1
                if once || !isLast || quietPolls > Self.rotatedPolls {
                    if let last = cutter.finish() { try await self.take([last], of: file) }
                    self.position.offset = 0
                    self.position.file = nil
                    return false
                }
            }
            try? await Task.sleep(for: Self.pollInterval)
        }
        return true
    }

    // MARK: - Lines

    private mutating func take(_ lines: [LineCutter.Line], of file: FollowedFile) async throws {
        var rest = lines[...]
        while let first = rest.first {
            var events: [[UInt8]] = []
            var byteCount = 0
            var rejected: (number: UInt64, reason: String)?
            var last = first
            // Numbers of one call have no hole in them: a refused line ends it.
            while let line = rest.first, events.count < Self.batchCountMax, byteCount < ImportBatch.byteCountMax,
                rejected == nil
            {
                rest = rest.dropFirst()
                last = line
                do {
                    let event = try self.event(of: line)
                    let bytes = try await self.insist { try await self.sink.serialized(event) }
                    events.append(bytes)
                    byteCount += bytes.count
                } catch let error as IndelibleError where error.code == .invalidArgument {
                    rejected = (line.number, error.message)
                }
            }
            try await self.submit(events, first: first.number)
            if let rejected { try await self.reject(rejected.number, rejected.reason) }
            guard !Task.isCancelled else { return }
            self.position.nextNumber = last.number + 1
            self.position.offset = last.end
            self.position.file = try file.mark(upTo: last.end)
            try self.files.replaceDurably(self.stateName, with: Array(self.position.text.utf8))
        }
    }

    private func event(of line: LineCutter.Line) throws(IndelibleError) -> NormalizedEvent {
        guard let bytes = line.bytes else {
            throw IndelibleError(.invalidArgument, "it has more than \(Self.lineByteCountMax) bytes")
        }
        let record = RawRecord(bytes: bytes, number: line.number, line: 1, byteRange: 0..<UInt64(bytes.count))
        let now = SystemClock.wallNanoseconds
        let seed = self.position.producer
        if self.jsonOnly || bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") {
            return try self.normalizer.normalize(record, knownByNanoseconds: now, seed: seed)
        }
        return try self.normalizer.normalize(syslog: record, knownByNanoseconds: now, seed: seed)
    }

    private mutating func submit(_ events: [[UInt8]], first: UInt64) async throws {
        guard !events.isEmpty else { return }
        let request = SubmitRequest(
            producer: Producer(id: self.position.producer, epoch: self.position.epoch),
            firstSequence: first,
            events: events,
        )
        let response = try await self.insist { try await self.sink.submit(request) }
        self.takenCount += UInt64(response.accepted)
        for rejected in response.rejected { try await self.reject(first + UInt64(rejected.position), rejected.reason) }
    }

    private mutating func reject(_ number: UInt64, _ reason: String) async throws {
        self.rejectedCount += 1
        Terminal.note("\(self.path): line \(number) was not taken: \(reason)")
        try await self.record("rejected", reason, first: number)
    }

    /// Says in the log what became of lines that are not in it.
    ///
    /// Numbered after the line, with a number for each kind, so that what was said before a crash is not said again.
    private func record(_ change: String, _ detail: String, first: UInt64) async throws {
        let record = SourceRecord(
            source: self.normalizer.source ?? "file/\(self.path)",
            change: change,
            firstSequence: first,
            lastSequence: first,
            detail: detail,
        )
        let name = Array("indelible/tail-file-records/v1\n\(change)\n".utf8)
        let id = try SHA256.hash(name, self.position.producer).bytes
        let request = SubmitRequest(
            producer: Producer(id: Array(id.prefix(16)), epoch: self.position.epoch),
            firstSequence: first,
            kind: .source,
            events: [record.serialized],
        )
        _ = try await self.insist { try await self.sink.submit(request) }
    }

    /// Tries until it works, the task is cancelled, or trying is of no use.
    private func insist<Value: Sendable>(_ work: () async throws -> Value) async throws -> Value {
        var pause = Self.retryFirst
        while true {
            do {
                return try await work()
            } catch let error as IndelibleError where [.unavailable, .resourceExhausted].contains(error.code) {
                guard !Task.isCancelled else { throw error }
                if pause == Self.retryFirst { Terminal.note("indelible: waiting to go on: \(error.message)") }
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, Self.retryMax)
        }
    }
}
