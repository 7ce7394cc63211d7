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
            filled.count(normalized.event)
        }
        filled.check(name)
    }

    /// What share of the events has its main fields.
    struct Filled {
        var events = 0
        var actors = 0
        var actions = 0
        var targets = 0
        var outcomes = 0
        var times = 0

        mutating func count(_ event: AuditEvent) {
            self.events += 1
            self.actors += event.actor.id.isEmpty ? 0 : 1
            self.actions += event.action == EventNormalizer.unspecifiedAction ? 0 : 1
            self.targets += event.targets.first.map { $0.id.isEmpty } ?? true ? 0 : 1
            self.outcomes += event.outcome.result == .unknown ? 0 : 1
            self.times += event.occurredNanoseconds == 0 ? 0 : 1
        }

        func check(_ name: String) {
            func percent(_ count: Int) -> Double { Double(count * 1000 / max(self.events, 1)) / 10 }
            let summary =
                "\(name): \(self.events) events; actor \(percent(self.actors)) %, action \(percent(self.actions)) %, "
                + "target \(percent(self.targets)) %, outcome \(percent(self.outcomes)) %, time \(percent(self.times)) %"
            FileHandle.standardError.write(Data((summary + "\n").utf8))
            // Prompts name no caller. Rule tests are cut down to what a rule looks at: many say nothing of who or to what.
            let isPrompts = name.hasPrefix("genai_prompts")
            let isCutDown = name.hasPrefix("panther_rule_tests")
            #expect(percent(self.actors) >= (isPrompts ? 0 : isCutDown ? 92 : 99), "\(summary)")
            #expect(percent(self.actions) >= (isCutDown ? 98 : 99), "\(summary)")
            #expect(percent(self.targets) >= (isCutDown ? 96.5 : 99), "\(summary)")
            #expect(percent(self.outcomes) >= 99, "\(summary)")
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
