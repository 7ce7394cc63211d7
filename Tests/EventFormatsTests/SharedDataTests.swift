// Goal: nothing of a real audit file is lost or changed, and its events say who did what. Method: import every file of the
// shared data and compare with an independent reading of it (gzip and split by another program).

import AuditModel
import Foundation
import Testing

import EventFormats

@Suite(.enabled(if: SharedData.folder != nil, "the shared data is not beside this repository"))
struct SharedDataTests {
    @Test(arguments: SharedData.names) func keepsEveryRecord(name: String) throws {
        let lines = try Self.lines(of: name)
        let items = try readAll(try SharedData.bytes(name))
        let normalizer = EventNormalizer()
        #expect(items.count == lines.count)
        var filled = Filled()
        for (position, item) in items.enumerated() {
            guard case .record(let record) = item else {
                Issue.record("\(name), record \(position + 1): \(item)")
                continue
            }
            guard record.bytes == lines[position], record.number == UInt64(position + 1), record.line == position + 1
            else {
                Issue.record("\(name), record \(position + 1) differs from its line")
                continue
            }
            let normalized = try normalizer.normalize(record)
            guard (normalized.detached ?? normalized.event.raw) == record.bytes else {
                Issue.record("\(name), record \(position + 1): its raw bytes are not kept")
                continue
            }
            filled.count(normalized.event, of: record.bytes)
        }
        filled.check(name)
    }

    /// What share of the events has its main fields, and what share of those without could not have them.
    struct Filled {
        private static let fields = ["actor", "action", "target", "outcome", "time"]
        /// Fields that each record has, or is a listed exception.
        private static let required = fields.dropLast()
        private static let shareMin = 0.99

        private var events = 0
        private var filled: [String: Int] = [:]
        /// Events without a field whose record names none.
        private var excepted: [String: Int] = [:]

        mutating func count(_ event: AuditEvent, of record: [UInt8]) {
            let isFilled = [
                "actor": !event.actor.id.isEmpty,
                "action": event.action != EventNormalizer.unspecifiedAction,
                "target": !(event.targets.first?.id.isEmpty ?? true),
                "outcome": event.outcome.result != .unknown,
                "time": event.occurredNanoseconds != 0,
            ]
            self.events += 1
            for field in Self.fields {
                if isFilled[field] == true {
                    self.filled[field, default: 0] += 1
                } else if SharedExceptions.names(nothingFor: field, record) {
                    self.excepted[field, default: 0] += 1
                }
            }
        }

        func check(_ name: String) {
            func share(_ counts: [String: Int], _ field: String) -> Double {
                Double(counts[field] ?? 0) / Double(max(self.events, 1))
            }
            func percent(_ share: Double) -> String { "\((share * 1_000).rounded() / 10) %" }
            let parts = Self.fields.map { field in
                let excepted = self.excepted[field].map { ", \($0) name none" } ?? ""
                return "\(field) \(percent(share(self.filled, field)))\(excepted)"
            }
            let summary = "\(name): \(self.events) events; \(parts.joined(separator: "; "))"
            FileHandle.standardError.write(Data((summary + "\n").utf8))
            for field in Self.required {
                let excepted = share(self.excepted, field)
                #expect(share(self.filled, field) + excepted >= Self.shareMin, "\(field): \(summary)")
                #expect(excepted <= SharedExceptions.shareMax(of: field, in: name), "\(field): \(summary)")
            }
        }
    }

    private static func lines(of name: String) throws -> [[UInt8]] {
        let gunzip = Process()
        let folder = try #require(SharedData.folder)
        gunzip.executableURL = URL(filePath: "/usr/bin/env")
        gunzip.arguments = ["gzip", "-dc", folder.appending(path: name).path]
        let pipe = Pipe()
        gunzip.standardOutput = pipe
        try gunzip.run()
        let text = Array(try pipe.fileHandleForReading.readToEnd() ?? Data())
        gunzip.waitUntilExit()
        #expect(gunzip.terminationStatus == 0)
        return text.split(separator: UInt8(ascii: "\n")).map(Array.init)
    }
}
