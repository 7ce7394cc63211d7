internal import Primitives

/// The names on a simulated disk: as programs see them, and as a power cut leaves them.
struct SimulatedNames {
    /// A change of names that no directory sync has made durable yet; each is done whole or not at all.
    private struct Change {
        let directories: Set<String>
        let removed: String?
        let added: (path: String, inode: SimulatedInode)?
    }

    private(set) var files: [String: SimulatedInode] = [:]
    private var durable: [String: SimulatedInode] = [:]
    private var pending: [Change] = []
    /// Directories survive at once: all code here makes them before anything depends on them, and syncs their parents.
    private(set) var directories: Set<String> = [""]

    var durableInodes: [SimulatedInode] { self.durable.sorted { $0.key < $1.key }.map(\.value) }

    mutating func makeDirectory(_ path: String) {
        var made = ""
        for part in path.split(separator: "/") {
            made += made.isEmpty ? "\(part)" : "/\(part)"
            self.directories.insert(made)
        }
    }

    mutating func create(_ path: String) -> SimulatedInode {
        let inode = SimulatedInode()
        self.files[path] = inode
        self.pending.append(Change(directories: [Self.parent(path)], removed: nil, added: (path, inode)))
        return inode
    }

    mutating func rename(_ from: String, to: String) {
        guard let inode = self.files.removeValue(forKey: from) else { return }
        self.files[to] = inode
        self.pending.append(
            Change(directories: [Self.parent(from), Self.parent(to)], removed: from, added: (to, inode))
        )
    }

    mutating func remove(_ path: String) {
        self.files[path] = nil
        self.pending.append(Change(directories: [Self.parent(path)], removed: path, added: nil))
    }

    mutating func sync(_ directory: String) {
        for change in self.pending where change.directories.contains(directory) { self.apply(change) }
        self.pending.removeAll { $0.directories.contains(directory) }
    }

    /// Of the changes that were not synced, in their order, each happened or did not.
    mutating func powerCut(_ random: inout SplitMix64) {
        for change in self.pending where random.oneIn(2) { self.apply(change) }
        self.pending.removeAll()
        self.files = self.durable
    }

    private mutating func apply(_ change: Change) {
        if let removed = change.removed { self.durable[removed] = nil }
        if let added = change.added { self.durable[added.path] = added.inode }
    }

    static func parent(_ path: String) -> String { path.split(separator: "/").dropLast().joined(separator: "/") }
}
