internal import AuditModel
package import Primitives
internal import ProtobufC

/// Looks at what entries say, beside what they hash to: seals and keys, verdicts, sources' numbers, collectors' clocks, and
/// which payloads are kept beside them.
package struct EntryChecker: Sendable {
    /// How far a collector's clock may be ahead of ours.
    package static let clockStepMaxNanoseconds: UInt64 = 300_000_000_000
    /// Tag of `Stamp.received_ns`, and the eight bytes that end a stamp.
    private static let receivedTag: UInt8 = 0x11
    private static let receivedByteCount = 9

    package private(set) var seals: SealChecker
    package private(set) var verdicts: VerdictChecker
    package private(set) var sources: SourceChecker
    /// Payloads that events named since they were taken.
    private var payloads: [PayloadReference] = []
    /// The entry that a retention record says the log is kept from.
    package private(set) var retainedFrom: UInt64 = 0
    /// Whether the newest stamp was ahead of our clock: one finding for each time that it gets there.
    private var isAhead = false

    package init(
        seals: SealChecker,
        verdicts: VerdictChecker = VerdictChecker(),
        sources: SourceChecker = SourceChecker(),
    ) {
        self.seals = seals
        self.verdicts = verdicts
        self.sources = sources
    }

    /// Looks at a batch of entries; all are to be shown, in order.
    ///
    /// - Parameters:
    ///   - ranges: Where each entry's bytes stand in `bytes`.
    ///   - first: Index of the first.
    ///   - now: Nanoseconds since the Unix epoch.
    ///   - leaves: The hashes of `count` leaves from an index.
    /// - Returns: What is wrong, in order.
    /// - Throws: What `leaves` throws.
    package mutating func check(
        _ ranges: [Range<Int>],
        of bytes: Span<UInt8>,
        first: UInt64,
        now: UInt64,
        leaves: (_ from: UInt64, _ count: Int) throws(IndelibleError) -> [Digest],
    ) throws(IndelibleError) -> [Finding] {
        var findings: [Finding] = []
        for position in ranges.indices {
            let entry = bytes.extracting(ranges[position])
            let index = first + UInt64(position)
            // What is no entry is carried and proven like any other leaf.
            guard let scan = try? EntryScan(entry) else { continue }
            if let stamp = scan.stamp, let finding = self.clock(entry, stamp, at: index, now: now) {
                findings.append(finding)
            }
            let finding: Finding?
            switch scan.kind {
            case .event:
                PayloadReference.collect(entry, scan.body, at: index, into: &self.payloads)
                finding = self.sources.event(entry, scan.body, at: index, now: now)
            case .seal:
                finding = try self.seals.check(Self.copy(entry, scan.body), at: index, now: now, leaves: leaves)
            case .verdicts: finding = try self.verdicts.check(entry, scan.body, at: index, leaves: leaves)
            case .model:
                self.verdicts.learn(Self.copy(entry, scan.body), at: index)
                finding = nil
            case .retention:
                self.retain(Self.copy(entry, scan.body), at: index)
                finding = nil
            case .key: finding = self.seals.learn(Self.copy(entry, scan.body), at: index)
            case .source: finding = self.sources.record(Self.copy(entry, scan.body), at: index)
            default: finding = nil
            }
            if let finding { findings.append(finding) }
        }
        return findings
    }

    /// The payloads that events named since the last call.
    package mutating func takePayloads() -> [PayloadReference] {
        guard !self.payloads.isEmpty else { return [] }
        defer { self.payloads.removeAll(keepingCapacity: true) }
        return self.payloads
    }

    /// Takes in a retention record; one about entries after it says nothing.
    private mutating func retain(_ body: [UInt8], at index: UInt64) {
        guard let record = try? RetentionRecord(serialized: body), record.upTo <= index else { return }
        self.retainedFrom = max(self.retainedFrom, record.upTo)
    }

    /// What was awaited too long.
    ///
    /// - Parameter now: Nanoseconds since the Unix epoch.
    package mutating func overdue(at now: UInt64) -> [Finding] {
        self.seals.unknownKeys(at: now) + self.sources.gaps(at: now)
    }

    private mutating func clock(
        _ entry: Span<UInt8>,
        _ stamp: Range<Int>,
        at index: UInt64,
        now: UInt64,
    ) -> Finding? {
        let tag = stamp.upperBound - Self.receivedByteCount
        guard tag >= stamp.lowerBound, entry[tag] == Self.receivedTag else { return nil }
        var received: UInt64 = 0
        for offset in 1..<Self.receivedByteCount { received |= UInt64(entry[tag + offset]) << UInt64(8 * (offset - 1)) }
        let isAhead = received > now + Self.clockStepMaxNanoseconds
        defer { self.isAhead = isAhead }
        guard isAhead, !self.isAhead else { return nil }
        return Finding(
            .clock,
            index: index,
            path: (try? Stamp(serialized: Self.copy(entry, stamp)))?.collector,
            expected: "a stamp not after \(TimeText.rfc3339(nanoseconds: now))",
            found: TimeText.rfc3339(nanoseconds: received),
        )
    }

    private static func copy(_ entry: Span<UInt8>, _ part: Range<Int>) -> [UInt8] {
        unsafe entry.extracting(part).withUnsafeBufferPointer { unsafe Array($0) }
    }
}

extension EntryChecker {
    /// What must be remembered over a restart, in lines.
    package var remembered: [UInt8] {
        let retention = self.retainedFrom > 0 ? "\(Self.retentionWord) \(self.retainedFrom)\n" : ""
        return self.seals.remembered + self.verdicts.remembered + Array((retention + self.sources.remembered).utf8)
    }

    private static let retentionWord = "retention"

    /// - Parameters:
    ///   - remembered: As ``remembered`` was.
    ///   - now: Nanoseconds since the Unix epoch.
    /// - Throws: ``IndelibleError/Code/dataLoss`` when the bytes are not ``remembered``.
    package mutating func restore(_ remembered: [UInt8], now: UInt64) throws(IndelibleError) {
        for bytes in remembered.split(separator: UInt8(ascii: "\n")) {
            let line = String(decoding: bytes, as: UTF8.self)
            let isKnown = self.restore(line, now: now)
            guard isKnown else {
                throw IndelibleError(
                    .dataLoss,
                    "The verifier's memory of seals, verdicts and sources is damaged. Remove it to start anew.",
                )
            }
        }
    }

    private mutating func restore(_ line: String, now: UInt64) -> Bool {
        if line.hasPrefix(SourceChecker.word + " ") { return self.sources.restore(line[...], now: now) }
        if line.hasPrefix(Self.retentionWord + " ") {
            guard let from = UInt64(line.dropFirst(Self.retentionWord.utf8.count + 1)) else { return false }
            self.retainedFrom = from
            return true
        }
        return self.verdicts.restore(line) ?? self.seals.restore(line)
    }
}
