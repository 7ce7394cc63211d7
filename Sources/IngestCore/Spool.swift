package import Primitives
package import Storage

/// A durable queue of batches for the time that the ledger is away: bounded, checksummed, in order.
///
/// ``append(_:)`` returns when its record is synced. ``first()`` is the oldest record; it stays until ``drained()``. The read
/// position is written down now and then: after a crash some drained records come again, which the ledger recognises.
/// After an error nothing is known of the disk: open the spool again. See docs/formats.md, "Spool".
package struct Spool: ~Copyable {
    private let files: any FileSystem
    private let limits: SpoolLimits
    /// In order, and never empty after the first append.
    private var parts: [SpoolFile]
    /// Of the oldest record that is not drained.
    package private(set) var position: UInt64
    private var writtenPosition: UInt64
    /// Of the next record.
    package private(set) var end: UInt64
    /// Bytes of the records that are not drained.
    package private(set) var byteCount: UInt64
    private var isBroken = false

    /// The file that holds the read position.
    package static let positionPath = "position"
    private static let positionByteCountMax = 64

    /// Opens the spool in a directory of its own, and cuts off what a crash left behind the last whole record.
    ///
    /// - Parameter files: rooted at that directory.
    /// - Throws: ``IndelibleError/Code/dataLoss`` when a record that was acknowledged is missing or damaged.
    package init(in files: any FileSystem, limits: SpoolLimits = SpoolLimits()) throws(IndelibleError) {
        // A name that an earlier process could not sync has to last before anything is built on it.
        try files.syncDirectory("")
        let position = try Self.readPosition(in: files)
        let parts = try Self.openParts(in: files, from: position)
        let end = parts.last?.nextSequence ?? position
        guard position <= end else { throw Self.damaged(Self.positionPath) }
        self.files = files
        self.limits = limits
        self.parts = parts
        self.position = position
        self.writtenPosition = position
        self.end = end
        self.byteCount = parts.reduce(0) { $0 + $1.byteCount(from: position) }
    }

    /// Records that are not drained.
    package var count: UInt64 { self.end - self.position }

    /// Adds a batch; it is safe when this returns.
    ///
    /// - Throws: ``IndelibleError/Code/resourceExhausted`` when the spool is full, and nothing changed; any other error means
    ///   that the spool has to be opened again, and that the batch may or may not be found then.
    package mutating func append(_ payload: [UInt8]) throws(IndelibleError) {
        precondition(1...SpoolRecord.payloadByteCountMax ~= payload.count, "a record has 1 byte to 32 MiB")
        try self.checkWhole()
        let byteCount = UInt64(payload.count + SpoolRecord.headerByteCount)
        guard self.byteCount + byteCount <= self.limits.byteCountMax else {
            throw IndelibleError(
                .resourceExhausted,
                "The spool is full: \(self.byteCount) of \(self.limits.byteCountMax) bytes wait for the ledger. Try later.",
            )
        }
        self.isBroken = true
        if (self.parts.last?.end ?? .max) >= self.limits.fileByteCountMax { try self.beginFile() }
        try self.parts[self.parts.count - 1].append(payload)
        self.isBroken = false
        self.end += 1
        self.byteCount += byteCount
    }

    /// The oldest batch that is not drained; `nil` when there is none.
    ///
    /// - Throws: ``IndelibleError/Code/dataLoss`` when it is damaged.
    package func first() throws(IndelibleError) -> [UInt8]? {
        try self.checkWhole()
        guard self.position < self.end else { return nil }
        guard let part = self.parts.first(where: { $0.nextSequence > self.position }) else {
            preconditionFailure("a record that is not drained has a file")
        }
        return try part.payload(self.position)
    }

    /// The oldest batch is in the log.
    ///
    /// - Throws: when the position could not be written down; the spool has to be opened again then.
    package mutating func drained() throws(IndelibleError) {
        precondition(self.position < self.end, "there is a batch to drain")
        try self.checkWhole()
        let before = self.parts.reduce(0) { $0 + $1.byteCount(from: self.position) }
        self.position += 1
        self.byteCount -= before - self.parts.reduce(0) { $0 + $1.byteCount(from: self.position) }
        let waiting = self.position - self.writtenPosition
        guard self.position == self.end || waiting >= UInt64(self.limits.recordsPerPositionMax) else { return }
        self.isBroken = true
        try self.files.replaceDurably(Self.positionPath, with: Array("\(self.position)".utf8))
        self.writtenPosition = self.position
        try self.removeDrained()
        self.isBroken = false
    }

    private mutating func beginFile() throws(IndelibleError) {
        let name = SpoolFile.name(self.end)
        self.parts.append(try SpoolFile(name, .createNew, firstSequence: self.end, in: self.files))
        try self.files.syncDirectory("")
    }

    /// Removes files of which no record is needed, but never the one that is written to.
    private mutating func removeDrained() throws(IndelibleError) {
        while self.parts.count > 1, self.parts[0].nextSequence <= self.writtenPosition {
            self.parts[0].file.close()
            try self.files.remove(self.parts[0].path)
            self.parts.removeFirst()
        }
    }

    private func checkWhole() throws(IndelibleError) {
        guard !self.isBroken else {
            throw IndelibleError(.failedPrecondition, "The spool failed before. It has to be opened again.")
        }
    }

    /// The files that hold records from `position` on, which follow each other without a gap; older ones are removed.
    private static func openParts(
        in files: any FileSystem,
        from position: UInt64,
    ) throws(IndelibleError) -> [SpoolFile] {
        let names = try files.list("").compactMap { name in SpoolFile.sequence(name).map { (name: name, first: $0) } }
        var parts: [SpoolFile] = []
        for (number, (name, first)) in names.enumerated() {
            let isLast = number == names.count - 1
            if !isLast, names[number + 1].first <= position {
                try files.remove(name)
                continue
            }
            guard parts.isEmpty ? first <= position : parts.last?.nextSequence == first else {
                throw Self.damaged(name)
            }
            var part = try SpoolFile(name, .readWrite, firstSequence: first, in: files)
            let tail = try part.scan()
            guard isLast || tail == 0 else { throw Self.damaged(name) }
            if isLast { try part.settle(tail: tail) }
            parts.append(part)
        }
        return parts
    }

    private static func readPosition(in files: any FileSystem) throws(IndelibleError) -> UInt64 {
        guard let text = try files.readAll(Self.positionPath, byteCountMax: Self.positionByteCountMax) else { return 1 }
        guard let position = UInt64(String(decoding: text, as: UTF8.self)), position > 0 else {
            throw Self.damaged(Self.positionPath)
        }
        return position
    }

    private static func damaged(_ path: String) -> IndelibleError {
        IndelibleError(
            .dataLoss,
            "The spool is damaged at \(path): batches that were acknowledged may be missing. Keep its files, and check the disk.",
        )
    }
}
