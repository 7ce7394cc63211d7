// Goal: an import adds each record once, in order, whatever is damaged and however often it is interrupted. Method: real files in a
// scratch directory, and a sink in memory that remembers producers as a ledger does and can fail at any call.

import AuditModel
import EventFormats
import Foundation
import IndelibleCommand
import Primitives
import ProtobufC
import ServiceProtocol
import Synchronization
import Testing

/// A ledger's memory: events by producer and sequence.
final class MemorySink: ImportSink {
    struct State {
        var events: [[UInt8]] = []
        var indexes: [Producer: [UInt64: UInt64]] = [:]
        var callCount = 0
        var failAtCall: Int?
        var payloads: [ImportPayload] = []
    }

    let state: Mutex<State>

    let keepsPayloads: Bool

    init(failAtCall: Int? = nil, keepsPayloads: Bool = true) {
        self.state = Mutex(State(failAtCall: failAtCall))
        self.keepsPayloads = keepsPayloads
    }

    func keep(_ payload: ImportPayload) async throws { self.state.withLock { $0.payloads.append(payload) } }

    var raws: [String] {
        get throws {
            try self.state.withLock(\.events).map {
                String(decoding: try AuditEvent(serialized: $0).raw, as: UTF8.self)
            }
        }
    }

    func mend() { self.state.withLock { $0.failAtCall = nil } }

    /// A failing call has taken the events in all the same: its answer is lost.
    func submit(_ request: SubmitRequest) async throws -> SubmitResponse {
        try self.state.withLock { state in
            var response = SubmitResponse(durable: true)
            var indexes: [UInt64] = []
            for (offset, event) in request.events.enumerated() {
                let sequence = request.firstSequence + UInt64(offset)
                if let known = state.indexes[request.producer]?[sequence] {
                    response.duplicates += 1
                    indexes.append(known)
                } else {
                    let index = UInt64(state.events.count)
                    state.indexes[request.producer, default: [:]][sequence] = index
                    state.events.append(event)
                    indexes.append(index)
                }
            }
            response.accepted = UInt32(request.events.count)
            response.firstIndex = indexes.first ?? 0
            response.lastIndex = indexes.last ?? 0
            state.callCount += 1
            if state.failAtCall == state.callCount - 1 { throw IndelibleError(.unavailable, "The answer was lost.") }
            return response
        }
    }
}

struct ImporterTests {
    /// A directory that goes when the test does.
    final class Scratch {
        let url = FileManager.default.temporaryDirectory.appending(path: "import-\(UUID().uuidString)")

        init() throws { try FileManager.default.createDirectory(at: self.url, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(at: self.url) }

        func file(_ name: String, _ text: String) throws -> ImportFile {
            let file = self.url.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true,
            )
            try Data(text.utf8).write(to: file)
            return ImportFile(path: file.path)
        }
    }

    private static func lines(_ count: Int, from first: Int = 0) -> [String] {
        (first..<first + count).map { "{\"actor\":\"a\($0 % 7)\",\"action\":\"x.y\",\"n\":\($0)}" }
    }

    private static func importer(_ sink: MemorySink) -> Importer { Importer(EventNormalizer(), to: sink) { _ in } }

    @Test func keepsOrderAndBytes() async throws {
        let scratch = try Scratch()
        let lines = Self.lines(2500)
        let sink = MemorySink()
        var importer = Self.importer(sink)
        try await importer.add(try scratch.file("a.jsonl", lines.joined(separator: "\n")))
        #expect(try sink.raws == lines)
        #expect(sink.state.withLock(\.callCount) == 3)
        #expect(importer.summary.accepted == 2500)
        #expect(importer.summary.firstIndex == 0)
        #expect(importer.summary.lastIndex == 2499)
    }

    @Test func importingAgainAddsNothing() async throws {
        let scratch = try Scratch()
        let text = Self.lines(1500).joined(separator: "\n")
        let sink = MemorySink()
        var first = Self.importer(sink)
        try await first.add(try scratch.file("a.jsonl", text))
        var second = Self.importer(sink)
        try await second.add(try scratch.file("same content, other name.log", text))
        #expect(second.summary.accepted == 0)
        #expect(second.summary.duplicates == 1500)
        #expect(sink.state.withLock(\.events.count) == 1500)
    }

    /// Interrupted at every call, then run again: every record once, in order.
    @Test(arguments: 0..<6) func resumes(failAtCall: Int) async throws {
        let scratch = try Scratch()
        var lines = Self.lines(4200)
        lines.insert("{\"broken\":", at: 1700)
        let file = try scratch.file("a.jsonl", lines.joined(separator: "\n"))
        let sink = MemorySink(failAtCall: failAtCall)
        var interrupted = Self.importer(sink)
        if failAtCall < 5 {
            await #expect(throws: IndelibleError.self) { try await interrupted.add(file) }
        } else {
            try await interrupted.add(file)
        }
        sink.mend()
        var resumed = Self.importer(sink)
        try await resumed.add(file)
        #expect(try sink.raws == Self.lines(4200))
        #expect(resumed.summary.accepted + resumed.summary.duplicates == 4200)
        #expect(resumed.summary.rejected == 1)
    }

    @Test func equalRecordsAreAllKept() async throws {
        let scratch = try Scratch()
        let sink = MemorySink()
        var importer = Self.importer(sink)
        let line = Self.lines(1)[0]
        try await importer.add(try scratch.file("a.jsonl", "\(line)\n\(line)\n\(line)\n"))
        #expect(try sink.raws == [line, line, line])
        let ids = try Set(sink.state.withLock(\.events).map { try AuditEvent(serialized: $0).id })
        #expect(ids.count == 3)
    }

    @Test func reportsWhatItCannotTakeIn() async throws {
        let scratch = try Scratch()
        let large = "{\"action\":\"x\",\"text\":\"\(String(repeating: "z", count: 70_000))\"}"
        let file = try scratch.file("a.jsonl", "{\"n\":1}\n{\"n\":\n[2]\n\n7\n\(large)\n{\"n\":3}\n")
        let sink = MemorySink(keepsPayloads: false)
        var told: [ImportSummary.Rejection] = []
        var importer = Importer(EventNormalizer(), to: sink) { notice in
            if case .rejected(let rejection) = notice { told.append(rejection) }
        }
        try await importer.add(file)
        #expect(try sink.raws == ["{\"n\":1}", "{\"n\":3}"])
        #expect(told == importer.summary.rejections)
        #expect(told.map(\.line) == [2, 3, 5, 6])
        #expect(told.map(\.record) == [2, 3, 4, 5])
        #expect(told.allSatisfy { $0.file == file.path && !$0.reason.isEmpty })
        #expect(told.last?.reason.contains("name the ledger too") == true)
    }

    /// Collectors refuse events without a time; records may well have none.
    @Test func takesTheFilesTimeForRecordsWithout() async throws {
        let scratch = try Scratch()
        let file = try scratch.file(
            "a.jsonl",
            "{\"action\":\"x\"}\n{\"action\":\"x\",\"time\":\"2026-01-05T06:00:00Z\"}\n",
        )
        let changed = Date(timeIntervalSince1970: 1_700_000_000)
        try FileManager.default.setAttributes([.modificationDate: changed], ofItemAtPath: file.path)
        let sink = MemorySink()
        var importer = Self.importer(sink)
        try await importer.add(file)
        let events = try sink.state.withLock(\.events).map { try AuditEvent(serialized: $0) }
        #expect(events.map(\.occurredNanoseconds) == [1_700_000_000_000_000_000, EventSimulator.defaultStart])
        let inferred = AuditEvent.Attribute(key: "time.inferred", value: "true")
        #expect(events.map { $0.attributes.contains(inferred) } == [true, false])
        #expect(events[0].id?.unixMilliseconds == 0)
    }

    @Test func keepsLargeRecordsBesideTheLog() async throws {
        let scratch = try Scratch()
        let large = "{\"actor\":\"una\",\"text\":\"\(String(repeating: "z", count: 70_000))\"}"
        let sink = MemorySink()
        var importer = Self.importer(sink)
        try await importer.add(try scratch.file("a.jsonl", "\(large)\n"))
        let event = try AuditEvent(serialized: try #require(sink.state.withLock(\.events).first))
        let payload = try #require(sink.state.withLock(\.payloads).first)
        #expect(payload.bytes == Array(large.utf8))
        #expect(event.raw.isEmpty)
        #expect(event.actor.id == "una")
        #expect(event.detachedRaw == payload.commitment)
        #expect(try payload.commitment.matches(payload: payload.bytes, salt: payload.salt))
    }

    @Test func readsDirectoriesInOrder() async throws {
        let scratch = try Scratch()
        _ = try scratch.file("2026/01/b.json", "{\"n\":2}")
        _ = try scratch.file("2025/12/a.jsonl", "{\"n\":1}")
        _ = try scratch.file("notes.txt", "not a record")
        let files = try ImportFile.files([scratch.url.path])
        #expect(files.map { $0.path.dropFirst(scratch.url.path.count) } == ["/2025/12/a.jsonl", "/2026/01/b.json"])
        #expect(throws: IndelibleError.self) { try ImportFile.files([scratch.url.path + "/none"]) }
        try FileManager.default.createDirectory(
            at: scratch.url.appending(path: "empty"),
            withIntermediateDirectories: true,
        )
        #expect(throws: IndelibleError.self) { try ImportFile.files([scratch.url.path + "/empty"]) }
    }

    // MARK: - Output

    @Test func summaryKeepsItsShape() {
        var summary = ImportSummary()
        #expect(
            summary.json
                == #"{"accepted":0,"duplicates":0,"rejected":0,"first_index":null,"last_index":null,"rejections":[]}"#
        )
        summary.count(accepted: 5, duplicates: 2)
        summary.cover(10...16)
        summary.cover(3...4)
        summary.reject(.init(file: "a\"b", line: 7, record: 6, reason: "expected a value, found '}'"))
        #expect(
            summary.json
                == #"{"accepted":5,"duplicates":2,"rejected":1,"first_index":3,"last_index":16,"#
                + #""rejections":[{"file":"a\"b","line":7,"record":6,"reason":"expected a value, found '}'"}]}"#
        )
        #expect(summary.sentence == "5 accepted, 2 already in the log, 1 rejected; entries 3 to 16")
    }

    @Test func boundsTheRejectionsThatItKeeps() {
        var summary = ImportSummary()
        for line in 1...1500 { summary.reject(.init(file: "f", line: line, record: UInt64(line), reason: "r")) }
        #expect(summary.rejected == 1500)
        #expect(summary.rejections.count == ImportSummary.rejectionCountMax)
    }

    @Test func labelKeepsItsShape() {
        let label = SimulatedLabel(kind: .hardNegative, scenario: "s/1", category: "c", actor: "a")
        #expect(
            label.json(record: 9) == #"{"record":9,"kind":"hard_negative","scenario":"s/1","category":"c","actor":"a"}"#
        )
    }
}
