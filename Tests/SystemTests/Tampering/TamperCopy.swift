import Foundation
import Primitives
import Simulation
import TransparencyLog

/// A copy of a directory for one case: files are shared with the original until they are changed.
struct TamperCopy: Sendable {
    let directory: TestDirectory
    /// Of the copy, in ``directory``.
    let name: String

    /// - Parameter sharing: false gives the copy files of its own, for programs that write to them.
    init(of original: String, in directory: TestDirectory, sharing: Bool = true) throws {
        self.directory = directory
        self.name = "case-\(UUID().uuidString)"
        if !sharing {
            try directory.copy(original, to: self.name)
            return
        }
        let (from, to) = (directory.url.appending(path: original), directory.url.appending(path: self.name))
        try FileManager.default.createDirectory(at: to, withIntermediateDirectories: true)
        for path in try FileManager.default.subpathsOfDirectory(atPath: from.path()) {
            let (source, target) = (from.appending(path: path), to.appending(path: path))
            let isDirectory = try source.resourceValues(forKeys: [.isDirectoryKey]).isDirectory ?? false
            if isDirectory {
                try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
            } else {
                try FileManager.default.linkItem(at: source, to: target)
            }
        }
    }

    /// A directory with nothing in it.
    init(empty directory: TestDirectory) throws {
        self.directory = directory
        self.name = "case-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            at: directory.url.appending(path: self.name),
            withIntermediateDirectories: true,
        )
    }

    var path: String { self.directory.path(self.name) }

    func remove() throws { try self.directory.remove(self.name) }

    func list(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: self.directory.path("\(self.name)/\(folder)")).sorted()
    }

    func read(_ file: String) throws -> [UInt8] {
        guard let bytes = self.directory.read("\(self.name)/\(file)") else { throw Unexpected("there is no \(file)") }
        return bytes
    }

    func removeFile(_ file: String) throws { try self.directory.remove("\(self.name)/\(file)") }

    func write(_ bytes: [UInt8], to file: String) throws {
        // Not in place: the original has the same file.
        try? self.removeFile(file)
        try self.directory.write(bytes, to: "\(self.name)/\(file)")
    }

    func change(_ file: String, _ change: (inout [UInt8]) throws -> Void) throws {
        var bytes = try self.read(file)
        try change(&bytes)
        try self.write(bytes, to: file)
    }

    /// Flips one bit of a byte in `range`.
    func flip(_ file: String, in range: Range<Int>? = nil, _ random: inout SplitMix64) throws {
        try self.change(file) { bytes in
            bytes[Int.random(in: range ?? bytes.indices, using: &random)] ^= 1 << UInt8(random.next() % 8)
        }
    }
}

/// Where things stand in a segment's file, read by docs/formats.md and none of the ledger's code.
struct SegmentMap {
    static let manifestByteCount = 4096
    let number: Int
    /// By kind.
    private(set) var regions: [Int: Range<Int>] = [:]
    /// The bytes of each entry, without its length.
    private(set) var entries: [Range<Int>] = []

    var file: String {
        "segments/" + String(repeating: "0", count: 12 - String(self.number).count) + "\(self.number).seg"
    }
    var first: Int { self.number * TamperScene.segmentEntryCount }

    init(_ number: Int, in copy: TamperCopy) throws {
        self.number = number
        let bytes = try copy.read(self.file)
        for position in 0..<bytes.little(14, 2) {
            let at = 96 + 24 * position
            let start = bytes.little(at + 8, 8)
            self.regions[bytes.little(at, 4)] = start..<start + bytes.little(at + 16, 8)
        }
        var next = try self.region(1).lowerBound
        for _ in 0..<TamperScene.segmentEntryCount {
            let count = Int(bytes[next]) << 8 | Int(bytes[next + 1])
            self.entries.append(next + 2..<next + 2 + count)
            next += 2 + count
        }
    }

    static func random(in copy: TamperCopy, _ random: inout SplitMix64) throws -> SegmentMap {
        let count = TamperScene.sealedSize / TamperScene.segmentEntryCount
        return try SegmentMap(Int.random(in: 0..<count, using: &random), in: copy)
    }

    func region(_ kind: Int) throws -> Range<Int> {
        guard let range = self.regions[kind] else { throw Unexpected("the segment has no region \(kind)") }
        return range
    }
}

/// A frame of the journal, read by docs/formats.md.
struct FrameMap {
    let file: String
    let offset: Int
    let first: Int
    /// Header, entries and deltas, without the zeros behind them; of a frame that begins with entries which are in a
    /// segment by now, only what comes after those: nobody reads them here any more.
    let bytes: Range<Int>

    /// Frames with entries that are in no segment.
    static func unsealed(in copy: TamperCopy) throws -> [FrameMap] {
        var frames: [FrameMap] = []
        for name in try copy.list("journal") {
            let bytes = try copy.read("journal/\(name)")
            for offset in stride(from: 0, to: bytes.count - 127, by: 4096)
            where bytes[offset..<offset + 8].elementsEqual(Array("INDFRAM1".utf8)) {
                let (count, first) = (bytes.little(offset + 12, 4), bytes.little(offset + 48, 8))
                guard first + count > TamperScene.sealedSize else { continue }
                let end = offset + 128 + bytes.little(offset + 56, 4) + bytes.little(offset + 60, 4)
                var start = first < TamperScene.sealedSize ? offset + 128 : offset
                for _ in 0..<max(0, TamperScene.sealedSize - first) {
                    start += 2 + Int(bytes[start]) << 8 + Int(bytes[start + 1])
                }
                frames.append(FrameMap(file: "journal/\(name)", offset: offset, first: first, bytes: start..<end))
            }
        }
        return frames
    }
}

extension [UInt8] {
    /// A little-endian number of `count` bytes.
    func little(_ offset: Int, _ count: Int) -> Int {
        self[offset..<offset + count].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}

extension TamperCopy {
    /// Changes a byte of a file that another program has open.
    func changeInPlace(_ file: String, at offset: Int, _ change: (UInt8) -> UInt8) throws {
        let url = self.directory.url.appending(path: "\(self.name)/\(file)")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: url.path())
        let handle = try FileHandle(forUpdating: url)
        defer { try? handle.close() }
        try handle.seek(toOffset: UInt64(offset))
        guard let byte = try handle.read(upToCount: 1)?.first else { throw Unexpected("\(file) ends before \(offset)") }
        try handle.seek(toOffset: UInt64(offset))
        try handle.write(contentsOf: [change(byte)])
    }
}
