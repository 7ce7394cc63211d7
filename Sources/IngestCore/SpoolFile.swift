internal import Primitives
internal import Storage

/// One file of a spool: records in order, the first of which the file is named after.
struct SpoolFile: Sendable {
    let path: String
    let file: any File
    let firstSequence: UInt64
    /// Where each record begins, in order; the file's valid bytes end at ``end``.
    private(set) var offsets: [UInt64] = []
    private(set) var end: UInt64 = 0

    static let suffix = ".spool"

    /// A name that sorts like its number.
    static func name(_ sequence: UInt64) -> String {
        let digits = String(sequence)
        return String(repeating: "0", count: 20 - digits.count) + digits + Self.suffix
    }

    /// - Returns: `nil` when `name` is no spool file's.
    static func sequence(_ name: String) -> UInt64? {
        guard name.hasSuffix(Self.suffix), name.utf8.count == 20 + Self.suffix.utf8.count else { return nil }
        return UInt64(name.dropLast(Self.suffix.count))
    }

    init(_ path: String, _ mode: FileMode, firstSequence: UInt64, in files: any FileSystem) throws(IndelibleError) {
        self.path = path
        self.firstSequence = firstSequence
        self.file = try files.open(path, mode)
    }

    var nextSequence: UInt64 { self.firstSequence + UInt64(self.offsets.count) }

    /// Bytes from the beginning of a record to the end; 0 when it is not here.
    func byteCount(from sequence: UInt64) -> UInt64 {
        guard sequence < self.nextSequence else { return 0 }
        return self.end - (sequence <= self.firstSequence ? 0 : self.offsets[Int(sequence - self.firstSequence)])
    }

    /// Finds the records; stops before the first that is not whole.
    ///
    /// - Returns: bytes behind the last whole record.
    mutating func scan() throws(IndelibleError) -> UInt64 {
        let size = try self.file.size()
        while let payload = try self.payload(at: self.end, sequence: self.nextSequence) {
            self.offsets.append(self.end)
            self.end += UInt64(SpoolRecord.headerByteCount + payload.count)
        }
        return size - min(size, self.end)
    }

    /// Adds a record and makes it durable.
    mutating func append(_ payload: [UInt8]) throws(IndelibleError) {
        try self.file.write(all: SpoolRecord.encode(payload, sequence: self.nextSequence), at: self.end)
        try self.file.sync()
        self.offsets.append(self.end)
        self.end += UInt64(SpoolRecord.headerByteCount + payload.count)
    }

    /// Makes sure that what was found will be found again: a write whose sync failed can be read for a while, but a later
    /// sync does not save it, so the last record is written once more.
    ///
    /// - Parameter tail: bytes behind the last whole record, which are given up.
    func settle(tail: UInt64) throws(IndelibleError) {
        if tail > 0 { try self.file.truncate(self.end) }
        if let last = self.offsets.last {
            let sequence = self.nextSequence - 1
            try self.file.write(all: SpoolRecord.encode(self.payload(sequence), sequence: sequence), at: last)
        }
        try self.file.sync()
    }

    /// - Throws: ``IndelibleError/Code/dataLoss`` when the record does not match its checksum any more.
    func payload(_ sequence: UInt64) throws(IndelibleError) -> [UInt8] {
        let offset = self.offsets[Int(sequence - self.firstSequence)]
        guard let payload = try self.payload(at: offset, sequence: sequence) else {
            throw IndelibleError(
                .dataLoss,
                "Record \(sequence) of the spool file \(self.path) is damaged. Keep the file, and check the disk.",
            )
        }
        return payload
    }

    private func payload(at offset: UInt64, sequence: UInt64) throws(IndelibleError) -> [UInt8]? {
        let header = try self.file.read(SpoolRecord.headerByteCount, at: offset)
        guard let count = SpoolRecord.payloadByteCount(header, sequence: sequence) else { return nil }
        guard offset + UInt64(SpoolRecord.headerByteCount + count) <= (try self.file.size()) else { return nil }
        let payload = try self.file.read(count, at: offset + UInt64(SpoolRecord.headerByteCount))
        return SpoolRecord.isWhole(header, payload) ? payload : nil
    }
}

extension File {
    fileprivate func write(all bytes: [UInt8], at offset: UInt64) throws(IndelibleError) {
        var failure: IndelibleError?
        unsafe bytes.withUnsafeBytes { buffer in
            do throws(IndelibleError) { try unsafe self.write(buffer, at: offset) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// - Returns: fewer bytes where the file ends.
    fileprivate func read(_ count: Int, at offset: UInt64) throws(IndelibleError) -> [UInt8] {
        var failure: IndelibleError?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            do throws(IndelibleError) {
                initialized = try unsafe self.read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
            } catch { failure = error }
        }
        if let failure { throw failure }
        return bytes
    }
}
