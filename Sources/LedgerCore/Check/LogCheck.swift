internal import Cryptography
internal import MerkleTree
package import Primitives
package import Storage
package import TransparencyLog

/// Reads every byte of a log's directory again and compares it with what it must hash to.
///
/// Changes nothing. Run it on a log that nobody has open, or on a copy: the journal moves under one that is in use.
package struct LogCheck {
    private let files: any FileSystem
    private let key: VerifierKey?
    private let kernel = HashKernel.best

    /// - Parameters:
    ///   - files: The log's directory.
    ///   - key: The log's, to verify the checkpoint's signature with; `nil` to leave that out.
    package init(_ files: any FileSystem, key: VerifierKey?) {
        self.files = files
        self.key = key
    }

    /// Checks everything.
    ///
    /// - Parameter report: Called with each finding as it is made.
    /// - Returns: How much was checked.
    /// - Throws: ``IndelibleError/Code/notFound`` when there is no log here.
    package func run(_ report: (LogFinding) -> Void) throws(IndelibleError) -> LogCheckSummary {
        var summary = LogCheckSummary()
        var findings = 0
        let note = { (finding: LogFinding) in
            findings += 1
            report(finding)
        }
        guard let identity = self.identity(note) else {
            guard findings > 0 else {
                throw IndelibleError(.notFound, "There is no log in this directory. Name the directory of a log.")
            }
            summary.findingCount = findings
            return summary
        }
        let upper = self.segments(identity, &summary, note)
        if let upper { self.journalAndCheckpoint(identity, upper, &summary, note) }
        self.payloads(&summary, note)
        summary.findingCount = findings
        return summary
    }

    // MARK: Identity

    private func identity(_ note: (LogFinding) -> Void) -> LogIdentity? {
        do throws(IndelibleError) { return try LogIdentity.read(from: self.files) } catch {
            note(LogFinding(.identity, LogIdentity.path, expected: "the identity of a log", found: error.message))
            return nil
        }
    }

    // MARK: Segments

    /// - Returns: the tree over all segments; `nil` when one is missing or has no root to go by.
    private func segments(
        _ identity: LogIdentity,
        _ summary: inout LogCheckSummary,
        _ note: (LogFinding) -> Void,
    ) -> UpperTree? {
        do throws(IndelibleError) {
            let numbers = try self.files.list(SegmentLayout.directory).compactMap(SegmentLayout.number).sorted()
            let recorded = try RootsFile(files: self.files).read(count: numbers.count)
            var upper: UpperTree? = UpperTree()
            for number in 0..<(numbers.last ?? -1) + 1 {
                let path = SegmentLayout.path(number)
                guard numbers.contains(number) else {
                    let index = UInt64(number * identity.segmentEntryCount)
                    note(LogFinding(.missingSegment, path, index: index, expected: "a file", found: "none"))
                    upper = nil
                    continue
                }
                let check = SegmentCheck(files: self.files, identity: identity, number: number, kernel: self.kernel)
                guard let root = check.run(&summary, note) else {
                    upper = nil
                    continue
                }
                if number < recorded.count, let record = recorded[number], record != root {
                    let index = UInt64(number * identity.segmentEntryCount)
                    note(LogFinding(.roots, RootsFile.path, index: index, expected: root.hex, found: record.hex))
                }
                upper?.append(root)
            }
            if let number = try RootsFile(files: self.files).damagedRecord(count: numbers.count) {
                let index = UInt64(number * identity.segmentEntryCount)
                note(LogFinding(.roots, RootsFile.path, index: index, expected: "a root", found: "a damaged record"))
            }
            return upper
        } catch {
            note(LogFinding(.unreadable, SegmentLayout.directory, expected: "readable files", found: error.message))
            return nil
        }
    }

    // MARK: Journal and checkpoint

    private func journalAndCheckpoint(
        _ identity: LogIdentity,
        _ upper: UpperTree,
        _ summary: inout LogCheckSummary,
        _ note: (LogFinding) -> Void,
    ) {
        var configuration = LogConfiguration(origin: identity.origin)
        configuration.segmentEntryCount = identity.segmentEntryCount
        let sealedSize = UInt64(upper.count * identity.segmentEntryCount)
        var snapshotSize = sealedSize
        do throws(IndelibleError) {
            let snapshot = try ProducerSnapshot.read(from: self.files, limits: configuration.producers)
            snapshotSize = snapshot?.size ?? sealedSize
        } catch {
            note(LogFinding(.producers, ProducerSnapshot.path, expected: "an intact table", found: error.message))
        }
        do throws(IndelibleError) {
            let (replay, failure) = try JournalReplay.reading(self.files, identity, upper, producersSize: snapshotSize)
            summary.entryCount += replay.size - sealedSize
            summary.size = replay.size
            if let failure {
                self.journal(at: replay.size, "frames without a gap", failure.message, note)
            } else if replay.size < snapshotSize {
                self.journal(at: replay.size, "\(snapshotSize) entries", "\(replay.size)", note)
            } else {
                self.checkpoint(identity, replay, note)
            }
        } catch {
            note(LogFinding(.unreadable, Journal.directory, expected: "readable files", found: error.message))
        }
    }

    private func journal(at index: UInt64, _ expected: String, _ found: String, _ note: (LogFinding) -> Void) {
        note(LogFinding(.journal, Journal.directory, index: index, expected: expected, found: found))
    }

    private func checkpoint(_ identity: LogIdentity, _ replay: JournalReplay, _ note: (LogFinding) -> Void) {
        do throws(IndelibleError) {
            guard let signed = try CheckpointFile(files: self.files).read() else { return }
            if let key = self.key { _ = try SignedCheckpoint(parsing: signed.bytes, signedBy: key) }
            let checkpoint = signed.checkpoint
            guard checkpoint.origin == identity.origin else {
                note(LogFinding(.checkpoint, CheckpointFile.path, expected: identity.origin, found: checkpoint.origin))
                return
            }
            guard checkpoint.size <= replay.size else {
                let expected = "the \(checkpoint.size) entries that a checkpoint is signed for"
                return self.journal(at: replay.size, expected, "\(replay.size)", note)
            }
            let cache = SegmentCache(
                files: self.files,
                identity: identity,
                configuration: LogConfiguration(origin: identity.origin),
            )
            let tree = LogTree(
                replay.view,
                cache,
                TreeEdgeCache(),
                segmentEntryCount: identity.segmentEntryCount,
            )
            let root = try tree.root(size: checkpoint.size)
            guard root != checkpoint.root else { return }
            note(
                LogFinding(.checkpoint, CheckpointFile.path, expected: checkpoint.root.hex, found: root.hex)
            )
        } catch {
            note(LogFinding(.checkpoint, CheckpointFile.path, expected: "a valid checkpoint", found: error.message))
        }
    }

    // MARK: Payloads

    func payloads(_ summary: inout LogCheckSummary, _ note: (LogFinding) -> Void) {
        let store = PayloadStore(files: self.files)
        do throws(IndelibleError) {
            for name in try self.files.list(PayloadStore.directory) where !name.hasSuffix(".staged") {
                let path = "\(PayloadStore.directory)/\(name)"
                guard let commitment = Hex.decode(name).flatMap({ Digest($0) }),
                    let payload = try store.open(commitment)
                else {
                    note(LogFinding(.payload, path, expected: "a commitment as its name", found: name))
                    continue
                }
                let found = try payload.hash()
                if found == commitment {
                    summary.payloadCount += 1
                } else {
                    note(LogFinding(.payload, path, expected: commitment.hex, found: found.hex))
                }
            }
        } catch {
            note(LogFinding(.unreadable, PayloadStore.directory, expected: "readable files", found: error.message))
        }
    }
}
