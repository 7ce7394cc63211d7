package import Primitives
package import Storage
internal import Synchronization

/// A disk in memory that can lose power, tear writes, fill up and refuse, at an operation of the test's choice.
///
/// It keeps what POSIX promises and nothing more: unsynced sectors and names each survive a power cut or do not, and a
/// failed sync drops some of what it should have written. After ``powerCut()`` everything fails until ``restart(_:)``.
package final class SimulatedDisk: FileSystem {
    struct State {
        var names = SimulatedNames()
        var random: SplitMix64
        var plan: FaultPlan?
        var operations = 0
        var fired = false
        var isDead = false
        /// Grows at every restart, so that files opened before are dead.
        var generation = 0
        var locks: [String: Int] = [:]
        var lockSerial = 0
        var byteCountMax: Int?
        /// Reads of files whose path starts with this fail.
        var unreadable: String?
    }

    let state: Mutex<State>

    /// A disk without files; `seed` decides what survives.
    package init(_ plan: FaultPlan? = nil, seed: UInt64 = 0) {
        self.state = Mutex(State(random: SplitMix64(seed: seed), plan: plan))
    }

    /// Whether the planned fault has happened.
    package var faultFired: Bool { self.state.withLock { $0.fired } }

    /// How many operations have changed the disk, or tried to, since the last restart.
    package var operationCount: Int { self.state.withLock { $0.operations } }

    /// Everything that no sync covered survives or does not; then nothing works until ``restart(_:)``.
    package func powerCut() {
        self.state.withLock { if $0.isDead == false { $0.powerCut() } }
    }

    /// Ends the processes that used the disk: their locks and files are gone, unsynced bytes are still there.
    ///
    /// After a power cut the disk works again.
    package func restart(_ plan: FaultPlan? = nil) {
        self.state.withLock {
            $0.plan = plan
            $0.operations = 0
            $0.fired = false
            $0.isDead = false
            $0.generation += 1
            $0.locks.removeAll()
        }
    }

    /// The most bytes that files may have together from now on; `nil` for no limit.
    package func limit(byteCount: Int?) { self.state.withLock { $0.byteCountMax = byteCount } }

    /// Files whose path starts with `prefix` cannot be read from now on; `nil` heals them.
    package func makeUnreadable(_ prefix: String?) { self.state.withLock { $0.unreadable = prefix } }

    /// Changes bytes behind everybody's back, as a bad disk or an intruder would.
    package func corrupt(_ path: String, _ body: (inout [UInt8]) -> Void) {
        self.state.withLock { state in
            guard let inode = state.names.files[path] else { return }
            var bytes = inode.cached
            body(&bytes)
            inode.resize(bytes.count)
            inode.write(bytes[...], at: 0)
            inode.sync()
        }
    }

    /// The names and lengths of all files.
    package var files: [String: Int] { self.state.withLock { $0.names.files.mapValues(\.cached.count) } }

    package func open(_ path: String, _ mode: FileMode) throws(IndelibleError) -> any File {
        try self.locked { state throws(IndelibleError) in
            let existing = state.names.files[path]
            if existing != nil, mode == .createNew {
                throw IndelibleError(.alreadyExists, "\(path) exists.")
            }
            if let existing {
                guard mode == .readOnly || existing.isReadOnly == false else {
                    throw IndelibleError(.permissionDenied, "\(path) is read-only.")
                }
                if mode == .readWriteDirect { existing.forgetLost() }
                return SimulatedFile(existing, path: path, disk: self, generation: state.generation)
            }
            guard mode != .readOnly else { throw Self.missing(path) }
            guard state.names.directories.contains(SimulatedNames.parent(path)) else { throw Self.missing(path) }
            let inode = try state.change { $0.names.create(path) }
            return SimulatedFile(inode, path: path, disk: self, generation: state.generation)
        }
    }

    package func list(_ directory: String) throws(IndelibleError) -> [String] {
        try self.locked { state throws(IndelibleError) in
            let all = Array(state.names.files.keys) + state.names.directories.filter { $0.isEmpty == false }
            return all.filter { SimulatedNames.parent($0) == directory }
                .compactMap { $0.split(separator: "/").last.map(String.init) }.sorted()
        }
    }

    package func createDirectory(_ path: String) throws(IndelibleError) {
        try self.locked { state throws(IndelibleError) in try state.change { $0.names.makeDirectory(path) } }
    }

    package func rename(_ from: String, to: String) throws(IndelibleError) {
        try self.locked { state throws(IndelibleError) in
            guard state.names.files[from] != nil else { throw Self.missing(from) }
            try state.change { $0.names.rename(from, to: to) }
        }
    }

    package func remove(_ path: String) throws(IndelibleError) {
        try self.locked { state throws(IndelibleError) in
            guard state.names.files[path] != nil else { throw Self.missing(path) }
            try state.change { $0.names.remove(path) }
        }
    }

    package func syncDirectory(_ path: String) throws(IndelibleError) {
        try self.locked { state throws(IndelibleError) in try state.change { $0.names.sync(path) } }
    }

    package func exists(_ path: String) throws(IndelibleError) -> Bool {
        try self.locked { state throws(IndelibleError) in
            state.names.files[path] != nil || state.names.directories.contains(path)
        }
    }

    package func makeReadOnly(_ path: String) throws(IndelibleError) {
        try self.locked { state throws(IndelibleError) in
            guard let inode = state.names.files[path] else { throw Self.missing(path) }
            try state.change { _ in inode.isReadOnly = true }
        }
    }

    package func lock(_ path: String) throws(IndelibleError) -> any FileLock {
        try self.locked { state throws(IndelibleError) in
            guard state.locks[path] == nil else {
                throw IndelibleError(.failedPrecondition, "Another process uses this directory.")
            }
            state.lockSerial += 1
            state.locks[path] = state.lockSerial
            return SimulatedLock(path: path, serial: state.lockSerial, disk: self)
        }
    }

    func locked<Result>(
        _ body: (inout State) throws(IndelibleError) -> sending Result
    ) throws(IndelibleError) -> sending Result {
        try self.state.withLock { state throws(IndelibleError) in
            guard state.isDead == false else { throw Self.powerless }
            return try body(&state)
        }
    }

    static let powerless = IndelibleError(.unavailable, "The simulated machine has no power.")

    private static func missing(_ path: String) -> IndelibleError { IndelibleError(.notFound, "There is no \(path).") }
}

private final class SimulatedLock: FileLock {
    private let path: String
    private let serial: Int
    private let disk: SimulatedDisk

    init(path: String, serial: Int, disk: SimulatedDisk) {
        self.path = path
        self.serial = serial
        self.disk = disk
    }

    deinit { self.release() }

    func release() {
        self.disk.state.withLock { if $0.locks[self.path] == self.serial { $0.locks[self.path] = nil } }
    }
}
