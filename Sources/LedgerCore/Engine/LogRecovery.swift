internal import Cryptography
internal import MerkleTree
internal import Primitives
internal import Storage

/// What the stage starts from.
struct RecoveredStage {
    let salt: [UInt8]
    var producers: ProducerTable
    var size: UInt64
    var sequence: UInt64
    var nextFile: UInt64
    var image: JournalImage?
    var imageOffset: Int
    var segments: [TailSegment]
}

/// Finds out what a log holds from what is on its disk, however the last process ended.
///
/// Sealed segments are taken as they are: their roots are enough. The journal is read from the oldest entry that is not
/// sealed, and everything in it is hashed again and compared with the root that its frame states.
struct LogRecovery {
    let files: any FileSystem
    let identity: LogIdentity
    let configuration: LogConfiguration
    let images: MemoryPool
    let segments: MemoryPool

    struct Result {
        let view: LogView
        let stage: RecoveredStage
        let journal: Journal
        let producers: DurableProducers
    }

    func run(now: UInt64) throws(IndelibleError) -> Result {
        let upper = try self.sealedTree()
        let sealedSize = UInt64(upper.count * self.identity.segmentEntryCount)
        let candidates = try JournalScan(files: self.files, salt: self.identity.salt).candidates()
        let (table, tableSize) = try self.producers(sealedSize: sealedSize, now: now)
        var replay = JournalReplay(
            identity: self.identity,
            upper: upper,
            producers: table,
            producersSize: tableSize,
            images: self.images,
            segments: self.segments,
            retainedImageCount: self.configuration.retainedImageCount,
        )
        try replay.run(candidates)
        // Whatever was read may still be on its way to the disk: nothing is built on it before it is there.
        for file in replay.files { try file.file.sync() }
        guard replay.size >= tableSize else {
            throw Self.shorter("entries before \(tableSize) were durable when \(ProducerSnapshot.path) was written")
        }
        return try self.result(replay, candidates)
    }

    // MARK: Segments

    private func sealedTree() throws(IndelibleError) -> UpperTree {
        let names = try self.files.list(SegmentLayout.directory)
        for name in names where name.hasSuffix(".staged") {
            try self.files.remove("\(SegmentLayout.directory)/\(name)")
        }
        let numbers = names.compactMap(SegmentLayout.number).sorted()
        guard numbers == Array(0..<numbers.count) else {
            let missing = zip(numbers, 0...).first { $0 != $1 }?.1 ?? numbers.count
            throw IndelibleError(
                .dataLoss,
                "\(SegmentLayout.path(missing)) is missing. Restore it from a copy of this log.",
            )
        }
        let file = RootsFile(files: self.files)
        let known = try file.read(count: numbers.count)
        var upper = UpperTree()
        for number in numbers {
            if let root = known[number], number < numbers.count - 1 {
                upper.append(root)
                continue
            }
            let root = try self.manifest(number).root
            upper.append(root)
            if root != known[number] { try file.write([root], from: number) }
        }
        return upper
    }

    private func manifest(_ number: Int) throws(IndelibleError) -> SegmentManifest {
        let path = SegmentLayout.path(number)
        let file = try self.files.open(path, .readOnly)
        defer { file.close() }
        let bytes = try file.read(SegmentManifest.byteCount, at: 0)
        guard let manifest = SegmentManifest.decode(bytes, salt: self.identity.salt),
            manifest.firstIndex == UInt64(number * self.identity.segmentEntryCount),
            manifest.entryCount == UInt32(self.identity.segmentEntryCount)
        else {
            throw IndelibleError(.dataLoss, "\(path) is damaged. Restore it from a copy of this log.")
        }
        return manifest
    }

    // MARK: Producers

    /// The table to start from, and the size of the log that it is of.
    private func producers(
        sealedSize: UInt64,
        now: UInt64,
    ) throws(IndelibleError) -> (ProducerTable, UInt64) {
        let limits = self.configuration.producers
        if let found = try ProducerSnapshot.read(from: self.files, limits: limits) { return found }
        // Somebody deleted the file. Nothing of the journal has been given up as long as nothing is sealed; after that
        // nobody knows who sent what.
        if sealedSize == 0 { return (ProducerTable(limits: limits), 0) }
        return (ProducerTable(limits: limits, forgottenEpoch: now), sealedSize)
    }

    // MARK: Result

    private func result(
        _ replay: JournalReplay,
        _ candidates: [JournalScan.Candidate],
    ) throws(IndelibleError) -> Result {
        let used = Set(replay.files.map(\.path))
        var spares: [Journal.Spare] = []
        for candidate in candidates where !used.contains(candidate.path) {
            if candidate.byteCount == self.configuration.journalFileByteCount {
                spares.append(Journal.Spare(path: candidate.path, file: candidate.file))
            } else {
                try self.files.remove(candidate.path)
            }
        }
        let last = replay.images.last
        let goesOn =
            last?.memory.byteCount == self.configuration.journalFileByteCount
            && last?.number == replay.files.last?.number
        let stage = RecoveredStage(
            salt: self.identity.salt,
            producers: replay.producers,
            size: replay.size,
            sequence: replay.sequence,
            nextFile: (candidates.compactMap(\.first?.fileNumber).max() ?? 0) + 1,
            image: goesOn ? last : nil,
            imageOffset: goesOn ? replay.offset : 0,
            segments: replay.tail.filter { $0.end > replay.size },
        )
        let journal = Journal(
            files: self.files,
            fileByteCount: self.configuration.journalFileByteCount,
            used: replay.files,
            spares: spares,
            nextName: (candidates.map(\.name).max() ?? 0) + 1,
        )
        return Result(
            view: replay.view,
            stage: stage,
            journal: journal,
            producers: DurableProducers(replay.producers, size: replay.size),
        )
    }

    static func shorter(_ reason: String) -> IndelibleError {
        IndelibleError(
            .dataLoss,
            """
            The journal ends before entries that this log had acknowledged: \(reason). Nothing was changed. Restore the \
            directory from a copy that is newer, or run indelible fsck to see what is left.
            """,
        )
    }
}
