internal import Primitives
internal import Storage

/// Looks at every file of the journal, without believing anything yet.
struct JournalScan {
    let files: any FileSystem
    let salt: [UInt8]

    struct Candidate {
        let path: String
        /// The number in its name.
        let name: Int
        let file: any File
        let byteCount: Int
        /// The frame header at its start, when there is an intact one.
        let first: FrameHeader?
    }

    /// - Parameter mode: Past the page cache to go on with the log: after a failed sync the cache may hold bytes which the
    ///   disk does not.
    func candidates(_ mode: FileMode = .readWriteDirect) throws(IndelibleError) -> [Candidate] {
        var found: [Candidate] = []
        for entry in try self.files.list(Journal.directory) {
            guard let name = Journal.name(entry) else { continue }
            let path = "\(Journal.directory)/\(entry)"
            let file = try self.files.open(path, mode)
            let byteCount = Int(clamping: try file.size())
            var first: FrameHeader?
            if byteCount >= DirectIO.alignment {
                let memory = AlignedMemory(byteCount: DirectIO.alignment)
                _ = try unsafe file.read(into: memory.bytes(0..<memory.byteCount), at: 0)
                first = FrameHeader.decode(
                    memory.array(0..<FrameHeader.byteCount),
                    salt: self.salt,
                    capacity: byteCount,
                )
            }
            found.append(Candidate(path: path, name: name, file: file, byteCount: byteCount, first: first))
        }
        return found
    }
}
