package import Primitives
package import Storage

/// Which numbers the collector gave to the events of a request that carries a key, so that the request repeated gets the same
/// ones and the ledger takes no event twice.
///
/// Two files, the older of which goes when the newer is full; both are held in memory. What ``write(_:)`` was given is synced
/// when it returns; an outcome that was only noted is written with what comes next, and may be forgotten in a crash: then the
/// events are sent once more, and the ledger recognises them.
package struct KeyJournal: Sendable {
    private let files: any FileSystem
    private let limits: KeyLimits
    private var newer: SpoolFile
    private var older: SpoolFile?
    private var newerKeys: [[UInt8]: KeyAssignment] = [:]
    private var olderKeys: [[UInt8]: KeyAssignment] = [:]
    /// Outcomes that are not written yet.
    private var noted: [KeyEntry] = []

    /// Opens the journal in a directory of its own, and cuts off what a crash left behind the last whole record.
    ///
    /// - Parameter files: rooted at that directory.
    package init(in files: any FileSystem, limits: KeyLimits = KeyLimits()) throws(IndelibleError) {
        try files.syncDirectory("")
        var parts: [SpoolFile] = []
        for name in try files.list("") {
            guard let sequence = SpoolFile.sequence(name) else { continue }
            var part = try SpoolFile(name, .readWrite, firstSequence: sequence, in: files)
            // Before the call: its receiver is the part as it was before its argument changed it.
            let tail = try part.scan()
            try part.settle(tail: tail)
            parts.append(part)
        }
        while parts.count > 2 {
            let first = parts.removeFirst()
            first.file.close()
            try files.remove(first.path)
        }
        self.files = files
        self.limits = limits
        if let last = parts.popLast() {
            self.newer = last
            self.older = parts.popLast()
        } else {
            self.newer = try Self.create(0, in: files)
        }
        if let older = self.older { self.olderKeys = try Self.read(older) }
        self.newerKeys = try Self.read(self.newer)
    }

    /// What `key` stands for; `nil` when it was never seen, or too long ago.
    package func assignment(of key: [UInt8]) -> KeyAssignment? {
        self.newerKeys[key] ?? self.olderKeys[key]
    }

    /// Remembers what keys stand for, and makes it durable.
    ///
    /// - Throws: when the disk fails: then nothing of it may be relied on, and the journal has to be opened again.
    package mutating func write(_ assigned: [(key: [UInt8], assignment: KeyAssignment)]) throws(IndelibleError) {
        let entries = self.noted + assigned.map { KeyEntry(key: $0.key, assignment: $0.assignment) }
        guard !entries.isEmpty else { return }
        // A file without a record stays: the next one would have its name.
        if self.newerKeys.count + entries.count > self.limits.fileKeyCountMax,
            self.newer.nextSequence > self.newer.firstSequence
        {
            try self.startFile()
        }
        try self.newer.append(entries.flatMap(\.bytes))
        self.noted = []
        for entry in entries { self.newerKeys[entry.key] = entry.assignment }
    }

    /// Notes what became of a key's events.
    package mutating func note(_ key: [UInt8], _ state: KeyAssignment.State) {
        guard var assignment = self.assignment(of: key) else { return }
        assignment.state = state
        self.newerKeys[key] = assignment
        self.noted.append(KeyEntry(key: key, assignment: assignment))
    }

    private mutating func startFile() throws(IndelibleError) {
        let next = try Self.create(self.newer.nextSequence, in: self.files)
        if let older = self.older {
            older.file.close()
            try self.files.remove(older.path)
        }
        self.older = self.newer
        self.olderKeys = self.newerKeys
        self.newer = next
        self.newerKeys = [:]
    }

    private static func create(_ sequence: UInt64, in files: any FileSystem) throws(IndelibleError) -> SpoolFile {
        let file = try SpoolFile(SpoolFile.name(sequence), .readWrite, firstSequence: sequence, in: files)
        try file.file.sync()
        try files.syncDirectory("")
        return file
    }

    private static func read(_ file: SpoolFile) throws(IndelibleError) -> [[UInt8]: KeyAssignment] {
        var keys: [[UInt8]: KeyAssignment] = [:]
        for sequence in file.firstSequence..<file.nextSequence {
            let bytes = try file.payload(sequence)
            for start in stride(from: 0, to: bytes.count, by: KeyEntry.byteCount) {
                guard let entry = KeyEntry(bytes[start..<min(start + KeyEntry.byteCount, bytes.count)]) else {
                    throw IndelibleError(
                        .dataLoss,
                        "The journal of keys \(file.path) cannot be read. Keep it and report this.",
                    )
                }
                keys[entry.key] = entry.assignment
            }
        }
        return keys
    }
}
