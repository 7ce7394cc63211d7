internal import AuditModel
package import Primitives
internal import ProtobufC

/// Looks at what entries say, beside what they hash to: seals and keys, sources' numbers, collectors' clocks.
package struct EntryChecker: Sendable {
    /// How far a collector's clock may be ahead of ours.
    package static let clockStepMaxNanoseconds: UInt64 = 300_000_000_000
    /// Tag of `Stamp.received_ns`, and the eight bytes that end a stamp.
    private static let receivedTag: UInt8 = 0x11
    private static let receivedByteCount = 9

    package private(set) var seals: SealChecker
    package private(set) var sources: SourceChecker
    /// Whether the newest stamp was ahead of our clock: one finding for each time that it gets there.
    private var isAhead = false

    package init(seals: SealChecker, sources: SourceChecker = SourceChecker()) {
        self.seals = seals
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
            case .event: finding = self.sources.event(entry, scan.body, at: index, now: now)
            case .seal:
                finding = try self.seals.check(Self.copy(entry, scan.body), at: index, now: now, leaves: leaves)
            case .key: finding = self.seals.learn(Self.copy(entry, scan.body), at: index)
            case .source: finding = self.sources.record(Self.copy(entry, scan.body), at: index)
            default: finding = nil
            }
            if let finding { findings.append(finding) }
        }
        return findings
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
    package var remembered: [UInt8] { self.seals.remembered + Array(self.sources.remembered.utf8) }

    /// - Parameters:
    ///   - remembered: As ``remembered`` was.
    ///   - now: Nanoseconds since the Unix epoch.
    /// - Throws: ``IndelibleError/Code/dataLoss`` when the bytes are not ``remembered``.
    package mutating func restore(_ remembered: [UInt8], now: UInt64) throws(IndelibleError) {
        for bytes in remembered.split(separator: UInt8(ascii: "\n")) {
            let line = String(decoding: bytes, as: UTF8.self)
            let isKnown =
                line.hasPrefix(SourceChecker.word + " ")
                ? self.sources.restore(line[...], now: now) : self.seals.restore(line)
            guard isKnown else {
                throw IndelibleError(
                    .dataLoss,
                    "The verifier's memory of seals and sources is damaged. Remove it to start anew.",
                )
            }
        }
    }
}
