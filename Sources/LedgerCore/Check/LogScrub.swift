internal import Cryptography
package import Primitives
package import Storage
package import TransparencyLog

/// Checks a log's files beside the ledger that writes it, a segment at a time, so that it can be paced and continued.
///
/// It reads what is written once: sealed segments and payloads, and what is replaced as a whole. The journal moves under a
/// running ledger; ``LogCheck`` reads that, too.
package struct LogScrub {
    private let files: any FileSystem
    private let key: VerifierKey?
    private let identity: LogIdentity

    /// - Parameters:
    ///   - files: The log's directory.
    ///   - key: The log's, to verify the checkpoint's signature with; `nil` to leave that out.
    /// - Throws: ``IndelibleError/Code/notFound`` when there is no log here, ``IndelibleError/Code/dataLoss`` when the file
    ///   that says which is damaged.
    package init(_ files: any FileSystem, key: VerifierKey?) throws(IndelibleError) {
        self.files = files
        self.key = key
        guard let identity = try LogIdentity.read(from: files) else {
            throw IndelibleError(.notFound, "There is no log in this directory. Name the directory of a log.")
        }
        self.identity = identity
    }

    /// Sealed segments now, those counted that are missing between others.
    package func segmentCount() throws(IndelibleError) -> Int {
        (try self.files.list(SegmentLayout.directory).compactMap(SegmentLayout.number).max() ?? -1) + 1
    }

    /// Reads every byte of one segment.
    ///
    /// - Parameters:
    ///   - number: Less than ``segmentCount()``.
    ///   - summary: Counts what was checked.
    ///   - report: Called with each finding as it is made.
    /// - Returns: Bytes read.
    package func check(
        segment number: Int,
        _ summary: inout LogCheckSummary,
        _ report: (LogFinding) -> Void,
    ) -> UInt64 {
        var findings = 0
        func note(_ finding: LogFinding) {
            findings += 1
            report(finding)
        }
        defer { summary.findingCount += findings }
        let path = SegmentLayout.path(number)
        let index = UInt64(number * self.identity.segmentEntryCount)
        do throws(IndelibleError) {
            guard try self.files.exists(path) else {
                note(LogFinding(.missingSegment, path, index: index, expected: "a file", found: "none"))
                return 0
            }
            let check = SegmentCheck(files: self.files, identity: self.identity, number: number, kernel: .best)
            let root = check.run(&summary, note)
            // A record that is not there is read from the segment at the next start.
            let recorded = try RootsFile(files: self.files).read(count: number + 1)[number]
            if let root, let recorded, root != recorded {
                note(LogFinding(.roots, RootsFile.path, index: index, expected: root.hex, found: recorded.hex))
            }
            let file = try self.files.open(path, .readOnly)
            defer { file.close() }
            return try file.size()
        } catch {
            note(LogFinding(.unreadable, path, index: index, expected: "a readable file", found: error.message))
            return 0
        }
    }

    /// Reads what is not a segment: the checkpoint's signature, the record of roots, payloads.
    ///
    /// - Parameters:
    ///   - summary: Counts what was checked.
    ///   - report: Called with each finding as it is made.
    package func checkRest(_ summary: inout LogCheckSummary, _ report: (LogFinding) -> Void) {
        var findings = 0
        func note(_ finding: LogFinding) {
            findings += 1
            report(finding)
        }
        do throws(IndelibleError) {
            if let signed = try CheckpointFile(files: self.files).read(), let key = self.key {
                _ = try SignedCheckpoint(parsing: signed.bytes, signedBy: key)
            }
        } catch {
            note(LogFinding(.checkpoint, CheckpointFile.path, expected: "a valid checkpoint", found: error.message))
        }
        do throws(IndelibleError) {
            let (roots, count) = (RootsFile(files: self.files), try self.segmentCount())
            // Twice, because the ledger may have been writing it.
            if let number = try roots.damagedRecord(count: count), try roots.damagedRecord(count: count) == number {
                let index = UInt64(number * self.identity.segmentEntryCount)
                note(LogFinding(.roots, RootsFile.path, index: index, expected: "a root", found: "a damaged record"))
            }
        } catch {
            note(LogFinding(.unreadable, RootsFile.path, expected: "a readable file", found: error.message))
        }
        LogCheck(self.files, key: self.key).payloads(&summary, note)
        summary.findingCount += findings
    }

    /// Checks everything, at once.
    ///
    /// - Parameter report: Called with each finding as it is made.
    package func run(_ report: (LogFinding) -> Void) throws(IndelibleError) -> LogCheckSummary {
        var summary = LogCheckSummary()
        for number in 0..<(try self.segmentCount()) { _ = self.check(segment: number, &summary, report) }
        self.checkRest(&summary, report)
        summary.size = summary.entryCount
        return summary
    }
}
