package import Primitives
package import Storage

/// The payloads that the entries of a log name, in an append-only file, and how far the check of them is.
///
/// A pass goes over all of them, from the first to the last; what comes later is added to it. Calls come one at a time.
package struct PayloadList {
    /// What became of a payload.
    package enum Outcome: Equatable, Sendable {
        /// It is what its entry commits to.
        case sound
        /// It is gone, and the log says that it may be.
        case erased
        case wrong(Finding)
    }

    /// How far a pass is.
    package struct Pass: Equatable, Sendable {
        /// Payloads looked at.
        package fileprivate(set) var next: UInt64 = 0
        package fileprivate(set) var soundCount: UInt64 = 0
        package fileprivate(set) var erasedCount: UInt64 = 0
        package fileprivate(set) var wrongCount: UInt64 = 0
    }

    private static let bufferedCountMax = 4096
    private static let stateByteCountMax = 1024
    /// Payloads looked at between two notes of how far that came.
    private static let savedCount: UInt64 = 256

    private let files: any FileSystem
    private let directory: String
    private let file: any File
    /// References in the file.
    private var written: UInt64
    private var buffer: [UInt8] = []
    package private(set) var pass = Pass()
    private var savedNext: UInt64 = 0
    /// Something is written that a power cut would take.
    private var isUnsynced = false

    /// Payloads named so far.
    package var count: UInt64 { self.written + UInt64(self.buffer.count / PayloadReference.byteCount) }

    /// Continues where it was, in `directory`, which must be there.
    ///
    /// - Parameter size: Entries that are verified; what was noted of later ones is forgotten, as they are read again.
    /// - Throws: ``IndelibleError/Code/dataLoss`` when its memory is damaged; what the disk throws.
    package init(files: any FileSystem, directory: String, size: UInt64) throws(IndelibleError) {
        self.files = files
        self.directory = directory
        self.file = try files.open(Self.path(directory), .readWrite)
        self.written = try self.file.size() / UInt64(PayloadReference.byteCount)
        try self.rewind(to: size)
        guard let stored = try files.readAll(Self.statePath(directory), byteCountMax: Self.stateByteCountMax) else {
            return
        }
        let numbers = String(decoding: stored, as: UTF8.self).split { $0 == " " || $0 == "\n" }.compactMap {
            UInt64($0)
        }
        guard numbers.count == 4 else {
            throw IndelibleError(
                .dataLoss,
                "\(Self.statePath(directory)) is damaged. Remove it to check all payloads again.",
            )
        }
        self.pass = Pass(next: numbers[0], soundCount: numbers[1], erasedCount: numbers[2], wrongCount: numbers[3])
        self.pass.next = min(self.pass.next, self.count)
        self.savedNext = self.pass.next
    }

    /// Adds what entries name, in log order.
    package mutating func append(_ references: [PayloadReference]) throws(IndelibleError) {
        guard !references.isEmpty else { return }
        for reference in references { self.buffer += try reference.bytes() }
        if self.buffer.count >= Self.bufferedCountMax * PayloadReference.byteCount { try self.write() }
    }

    /// Makes everything added survive a power cut: to be called before the entries count as verified.
    package mutating func sync() throws(IndelibleError) {
        try self.write()
        guard self.isUnsynced else { return }
        try self.file.sync()
        try self.files.syncDirectory(self.directory)
        self.isUnsynced = false
    }

    /// Forgets what entries from `size` on name, as they are read again.
    package mutating func rewind(to size: UInt64) throws(IndelibleError) {
        try self.write()
        // What was verified is synced; behind it anything may have become of what was written.
        while self.written > 0, try self.reference(self.written - 1).map({ $0.index >= size }) ?? true {
            self.written -= 1
        }
        let byteCount = self.written * UInt64(PayloadReference.byteCount)
        if try self.file.size() != byteCount { try self.file.truncate(byteCount) }
        self.pass.next = min(self.pass.next, self.written)
    }

    // MARK: Passes

    /// Begins a pass.
    package mutating func startOver() throws(IndelibleError) {
        self.pass = Pass()
        try self.save()
    }

    /// The payload to look at next.
    ///
    /// - Parameter size: Entries that are verified.
    /// - Returns: `nil` when all were looked at.
    /// - Throws: ``IndelibleError/Code/dataLoss`` when its memory is damaged; what the disk throws.
    package mutating func due(below size: UInt64) throws(IndelibleError) -> PayloadReference? {
        guard self.pass.next < self.count else { return nil }
        try self.write()
        guard let reference = try self.reference(self.pass.next) else {
            throw IndelibleError(
                .dataLoss,
                "\(Self.path(self.directory)) is damaged. Remove \(self.directory) to read the log again from 0.",
            )
        }
        return reference.index < size ? reference : nil
    }

    /// Counts what became of the payload that was ``due(below:)``; a finding must be on record before.
    package mutating func note(_ outcome: Outcome) throws(IndelibleError) {
        self.pass.next += 1
        switch outcome {
        case .sound: self.pass.soundCount += 1
        case .erased: self.pass.erasedCount += 1
        case .wrong: self.pass.wrongCount += 1
        }
        if self.pass.next == self.count || self.pass.next - self.savedNext >= Self.savedCount { try self.save() }
    }

    /// Ends the use of its file.
    package func close() { self.file.close() }

    // MARK: Private parts

    private mutating func write() throws(IndelibleError) {
        guard !self.buffer.isEmpty else { return }
        try self.file.write(self.buffer, at: self.written * UInt64(PayloadReference.byteCount))
        self.written = self.count
        self.buffer.removeAll(keepingCapacity: true)
        self.isUnsynced = true
    }

    private func reference(_ position: UInt64) throws(IndelibleError) -> PayloadReference? {
        let count = PayloadReference.byteCount
        return try PayloadReference(self.file.read(count, at: position * UInt64(count)))
    }

    private mutating func save() throws(IndelibleError) {
        let pass = self.pass
        let text = "\(pass.next) \(pass.soundCount) \(pass.erasedCount) \(pass.wrongCount)\n"
        try self.files.replaceDurably(Self.statePath(self.directory), with: Array(text.utf8))
        self.savedNext = pass.next
    }

    private static func path(_ directory: String) -> String { "\(directory)/payloads" }
    private static func statePath(_ directory: String) -> String { "\(directory)/payloads-pass" }
}
