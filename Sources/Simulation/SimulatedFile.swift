internal import Primitives
internal import Storage

/// An open file of a ``SimulatedDisk``; dead after a restart of the disk.
final class SimulatedFile: File {
    private let inode: SimulatedBox
    private let path: String
    private let disk: SimulatedDisk
    private let generation: Int

    init(_ inode: SimulatedInode, path: String, disk: SimulatedDisk, generation: Int) {
        self.inode = SimulatedBox(inode)
        self.path = path
        self.disk = disk
        self.generation = generation
    }

    @unsafe func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(IndelibleError) -> Int {
        let bytes = try self.locked { state, inode throws(IndelibleError) -> [UInt8] in
            if let prefix = state.unreadable, self.path.hasPrefix(prefix) {
                throw IndelibleError(.dataLoss, "The simulated disk cannot read \(self.path).")
            }
            let start = min(Int(clamping: offset), inode.cached.count)
            return Array(inode.cached[start..<min(start + buffer.count, inode.cached.count)])
        }
        unsafe buffer.copyBytes(from: bytes)
        return bytes.count
    }

    @unsafe func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(IndelibleError) {
        let copy = unsafe Array(bytes)
        let start = Int(offset)
        try self.locked { state, inode throws(IndelibleError) in
            guard inode.isReadOnly == false else {
                throw IndelibleError(.permissionDenied, "\(self.path) is read-only.")
            }
            try self.checkSpace(&state, growth: start + copy.count - inode.cached.count)
            try state.change(
                tearing: { state in
                    var random = state.random
                    inode.write(copy[...], at: start) { _ in random.oneIn(2) }
                    state.random = random
                },
                { _ in inode.write(copy[...], at: start) },
            )
        }
    }

    func sync() throws(IndelibleError) {
        try self.locked { state, inode throws(IndelibleError) in
            try state.change(failing: { inode.failSync(&$0.random) }, { _ in inode.sync() })
        }
    }

    func size() throws(IndelibleError) -> UInt64 {
        try self.locked { _, inode throws(IndelibleError) in UInt64(inode.cached.count) }
    }

    func allocate(_ byteCount: UInt64) throws(IndelibleError) {
        try self.locked { state, inode throws(IndelibleError) in
            try self.checkSpace(&state, growth: Int(byteCount) - inode.cached.count)
            try state.change { _ in inode.resize(Int(byteCount)) }
        }
    }

    func truncate(_ byteCount: UInt64) throws(IndelibleError) {
        try self.locked { state, inode throws(IndelibleError) in
            try state.change { _ in inode.resize(Int(byteCount)) }
        }
    }

    func close() {}

    private func checkSpace(_ state: inout SimulatedDisk.State, growth: Int) throws(IndelibleError) {
        guard let limit = state.byteCountMax, growth > 0 else { return }
        let used = state.names.files.values.reduce(0) { $0 + $1.cached.count }
        guard used + growth <= limit else {
            throw IndelibleError(.resourceExhausted, "The simulated disk is full. Free some space.")
        }
    }

    private func locked<Result>(
        _ body: (inout SimulatedDisk.State, SimulatedInode) throws(IndelibleError) -> sending Result
    ) throws(IndelibleError) -> sending Result {
        try self.disk.locked { state throws(IndelibleError) in
            guard state.generation == self.generation else { throw SimulatedDisk.powerless }
            return try body(&state, self.inode.inode)
        }
    }
}

/// Carries an inode across threads; it is only ever used under its disk's lock.
final class SimulatedBox: @unchecked Sendable {
    let inode: SimulatedInode
    init(_ inode: SimulatedInode) { self.inode = inode }
}
