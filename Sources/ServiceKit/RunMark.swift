package import Primitives
package import Storage

/// A file in a process's directory that says how its last run ended, so that a crash cannot hide.
///
/// One line: an id of this directory, the beginning of the run, and `running`, `stopped` or `recorded`. What it says is
/// written into the log by ``LifecycleService``.
package struct RunMark: Sendable {
    package static let path = "lifecycle"
    private static let byteCountMax = 256
    package static let idByteCount = 16

    /// How the run before this one ended.
    package enum Previous: Equatable, Sendable {
        /// There was none.
        case none
        /// It stopped in order, and the log says so.
        case recorded
        /// It stopped in order, but could not have it recorded.
        case stopped(began: UInt64)
        /// It was killed, or the machine failed.
        case unfinished(began: UInt64)
    }

    private enum State: String {
        case running, stopped, recorded
    }

    /// Tells this directory's process from all others.
    package let id: [UInt8]
    /// Nanoseconds since the Unix epoch; larger than that of any run before.
    package let began: UInt64
    package let previous: Previous

    /// Marks the directory as that of a running process.
    ///
    /// - Parameters:
    ///   - files: the directory.
    ///   - now: nanoseconds since the Unix epoch.
    ///   - id: what to call a directory that has no id yet, 16 bytes.
    /// - Throws: ``IndelibleError/Code/dataLoss`` when the file is not such a mark.
    package init(beginningIn files: any FileSystem, now: UInt64, id: [UInt8]) throws(IndelibleError) {
        precondition(id.count == Self.idByteCount, "an id has 16 bytes")
        if let last = try Self.read(from: files) {
            self.id = last.id
            self.began = max(now, last.began + 1)
            self.previous =
                switch last.state {
                case .running: .unfinished(began: last.began)
                case .stopped: .stopped(began: last.began)
                case .recorded: .recorded
                }
        } else {
            self.id = id
            self.began = now
            self.previous = .none
        }
        try self.write(.running, to: files)
    }

    /// Notes that the process stops in order.
    ///
    /// - Parameter isRecorded: whether the log says so.
    package func end(isRecorded: Bool, in files: any FileSystem) throws(IndelibleError) {
        try self.write(isRecorded ? .recorded : .stopped, to: files)
    }

    private func write(_ state: State, to files: any FileSystem) throws(IndelibleError) {
        let line = "\(Hex.encode(self.id)) \(self.began) \(state.rawValue)\n"
        try files.replaceDurably(Self.path, with: Array(line.utf8))
    }

    private static func read(
        from files: any FileSystem
    ) throws(IndelibleError) -> (id: [UInt8], began: UInt64, state: State)? {
        guard let bytes = try files.readAll(Self.path, byteCountMax: Self.byteCountMax) else { return nil }
        let words = String(decoding: bytes, as: UTF8.self).dropLast().split(separator: " ")
        guard words.count == 3, let id = Hex.decode(String(words[0])), id.count == Self.idByteCount,
            let began = UInt64(words[1]), began < .max, let state = State(rawValue: String(words[2]))
        else {
            throw IndelibleError(
                .dataLoss,
                "The file \(Self.path) does not say how the last run ended. Delete it; that run then goes unmentioned.",
            )
        }
        return (id, began, state)
    }
}
