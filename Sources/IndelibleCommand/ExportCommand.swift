import IndelibleClient
import ArgumentParser
import Platform
import Primitives
import Storage
import TransparencyLog

/// Writes the log in forms that others read: `indelible export`.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write the log as ordinary files.",
        subcommands: [Tiles.self, ExportFeaturesCommand.self, ExportLabelsCommand.self],
    )

    /// Writes the whole log as static files: `indelible export tiles`.
    struct Tiles: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write checkpoint, tiles and entry bundles for any web server or object store.",
            discussion: """
                C2SP tlog-tiles. The checkpoint is written last, so that a reader who sees it finds everything that it covers. A
                second export into the same directory adds what is new.
                """,
        )

        @Argument(help: "Directory to write; made when missing.")
        var directory: String

        @Option(help: "The directory that was given to `indelible up`.")
        var data: String?

        @Option(help: "URL of a log, instead of --data.")
        var url: String?

        func run() async throws {
            try await Outcome.report {
                let endpoints = try self.data.map { try SuiteDirectory($0).endpoints() }
                guard let place = self.url ?? endpoints?.tilesHTTP else {
                    throw IndelibleError(.invalidArgument, "Say which log: --data DIR or --url URL.")
                }
                let source = try TileSource(place)
                let files = try PosixFileSystem(root: self.directory, create: true)
                guard let note = try await source.read("checkpoint") else {
                    throw IndelibleError(.unavailable, "\(place) serves no checkpoint.")
                }
                let checkpoint = try SignedCheckpoint(parsing: note).checkpoint
                let size = checkpoint.size
                await AccessSession(what: "export tiles", range: 0..<size).record(through: endpoints)
                // What the checkpoint there does not cover may be of an export that did not end.
                let growth = TileGrowth(from: min(size, try Self.known(in: files, of: checkpoint)), to: size)
                var count = 0
                var directories: Set<String> = [""]
                defer { Terminal.endProgress() }
                for path in growth {
                    directories.insert(try await Self.copy(path, from: source, to: files))
                    count += 1
                    Terminal.progress("\(count) files")
                }
                try Self.sync(growth, directories, in: files)
                try files.replaceDurably("checkpoint", with: note)
                Terminal.note("\(self.directory): \(count) new files, \(size) entries")
            }
        }

        /// Size of the log that the directory holds already.
        private static func known(
            in files: PosixFileSystem,
            of checkpoint: Checkpoint,
        ) throws(IndelibleError) -> UInt64 {
            guard let note = try files.readAll("checkpoint", byteCountMax: SignedNote.byteCountMax) else { return 0 }
            let known = try SignedCheckpoint(parsing: note).checkpoint
            guard known.origin == checkpoint.origin else {
                throw IndelibleError(
                    .invalidArgument,
                    "The directory holds \(known.origin), the log is \(checkpoint.origin). Choose another directory.",
                )
            }
            return known.size
        }

        /// - Returns: The directory that the file is in; its name is not durable yet, nor are its bytes.
        private static func copy(
            _ path: TilePath,
            from source: TileSource,
            to files: PosixFileSystem,
        ) async throws -> String {
            guard let bytes = try await source.read(path.description) else {
                throw IndelibleError(.dataLoss, "The log has no \(path), which its checkpoint covers.")
            }
            let (name, directory) = (path.description, PosixFileSystem.parent(of: path.description))
            try files.createDirectory(directory)
            // Aside and renamed: a reader finds the whole file or none.
            let staged = name + ".staged"
            let file = try files.open(staged, .readWrite)
            defer { file.close() }
            try file.truncate(0)
            try file.write(bytes, at: 0)
            try files.rename(staged, to: name)
            try files.makeReadOnly(name)
            return directory
        }

        /// All at once: a sync for each file as it is written takes ten times as long.
        private static func sync(
            _ growth: TileGrowth,
            _ directories: Set<String>,
            in files: PosixFileSystem,
        ) throws(IndelibleError) {
            for path in growth {
                let file = try files.open(path.description, .readOnly)
                defer { file.close() }
                try file.sync()
            }
            // Those above, too: each was made for the first file below it.
            var all = directories
            for directory in directories {
                var above = directory
                while !above.isEmpty {
                    above = PosixFileSystem.parent(of: above)
                    all.insert(above)
                }
            }
            for directory in all.sorted() { try files.syncDirectory(directory) }
        }
    }
}
