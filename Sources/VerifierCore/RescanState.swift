internal import AuditModel
package import Primitives

/// How far the reading of the whole log has come, over restarts, and what the last one that ended said.
package struct RescanState: Equatable, Sendable {
    /// A reading that is under way.
    package struct Run: Equatable, Sendable {
        /// Entries to compare: the verified size when it began.
        package let size: UInt64
        /// The entry to go on with.
        package var next: UInt64 = 0
        /// One past the last entry that is worth a record, so far.
        package var substance: UInt64 = 0
        /// Batches that were not as they were, so far.
        package var differingCount: UInt64 = 0
    }

    package private(set) var run: Run?
    /// Seconds since the Unix epoch; of the first start before any reading has ended.
    package private(set) var finishedSeconds: UInt64
    /// Entries that the last finished reading compared.
    package private(set) var finishedSize: UInt64 = 0
    /// ``Run/substance`` of the last reading that left a record in the log.
    package private(set) var recordedSubstance: UInt64 = 0
    /// Whether that record told of a finding.
    package private(set) var recordedFailure = false

    package init(now: UInt64) { self.finishedSeconds = now }

    package mutating func begin(size: UInt64) { self.run = Run(size: size) }

    /// Counts a batch that was compared.
    ///
    /// - Parameters:
    ///   - next: The entry after it.
    ///   - substance: One past its last entry that is worth a record, if there is one.
    ///   - same: Whether it was as it was the first time.
    package mutating func advance(to next: UInt64, substance: UInt64?, same: Bool) {
        self.run?.next = next
        if let substance { self.run?.substance = substance }
        if !same { self.run?.differingCount += 1 }
    }

    /// Ends the run that is under way.
    ///
    /// - Returns: Whether the log has to get a record of it: not when nothing but records of readings was added.
    package mutating func finish(now: UInt64, failed: Bool) -> Bool {
        guard let run = self.run else { return false }
        self.finishedSeconds = now
        self.finishedSize = run.next
        return run.substance > self.recordedSubstance || failed != self.recordedFailure
    }

    /// The record is in the log.
    package mutating func recorded(failed: Bool) {
        self.recordedSubstance = self.run?.substance ?? self.recordedSubstance
        self.recordedFailure = failed
    }

    package mutating func end() { self.run = nil }

    /// Whether an entry makes a verification worth a record.
    ///
    /// Records of verification and of access follow from readings, and seals follow whatever they seal: counting those,
    /// an idle log would grow for ever.
    package static func isSubstance(_ entry: Span<UInt8>) -> Bool {
        guard let kind = try? EntryScan(entry).kind else { return true }
        return kind != .verification && kind != .access && kind != .seal
    }
}

extension RescanState {
    /// What is kept over a restart: a line of numbers.
    package var remembered: [UInt8] {
        var numbers = [self.finishedSeconds, self.finishedSize, self.recordedSubstance, self.recordedFailure ? 1 : 0]
        if let run = self.run { numbers += [run.size, run.next, run.substance, run.differingCount] }
        return Array((numbers.map(String.init).joined(separator: " ") + "\n").utf8)
    }

    /// - Throws: ``IndelibleError/Code/dataLoss`` when the bytes are not ``remembered``.
    package init(remembered: [UInt8]) throws(IndelibleError) {
        let fields = remembered.split(separator: UInt8(ascii: "\n")).first ?? []
        let numbers = fields.split(separator: UInt8(ascii: " ")).map { UInt64(String(decoding: $0, as: UTF8.self)) }
        guard numbers.count == 4 || numbers.count == 8, !numbers.contains(nil) else {
            throw IndelibleError(.dataLoss, "The memory of the last rescan is damaged. Remove it to start anew.")
        }
        let values = numbers.compactMap(\.self)
        self.finishedSeconds = values[0]
        self.finishedSize = values[1]
        self.recordedSubstance = values[2]
        self.recordedFailure = values[3] == 1
        guard values.count == 8 else { return }
        var run = Run(size: values[4])
        run.next = values[5]
        run.substance = values[6]
        run.differingCount = values[7]
        self.run = run
    }
}
