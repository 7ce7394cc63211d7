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
        subcommands: [Tiles.self, ExportFeaturesCommand.self],
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
                let size = try SignedCheckpoint(parsing: note).checkpoint.size
                await AccessSession(what: "export tiles", range: 0..<size).record(through: endpoints)
                var count = 0
                defer { Terminal.endProgress() }
                for path in TileGrowth(from: 0, to: size) {
                    count += try await Self.copy(path, from: source, to: files) ? 1 : 0
                    Terminal.progress("\(count) files")
                }
                try files.replaceDurably("checkpoint", with: note)
                Terminal.note("\(self.directory): \(count) new files, \(size) entries")
            }
        }

        /// - Returns: whether the file was missing; what is there never changes.
        private static func copy(
            _ path: TilePath,
            from source: TileSource,
            to files: PosixFileSystem,
        ) async throws -> Bool {
            guard try !files.exists(path.description) else { return false }
            guard let bytes = try await source.read(path.description) else {
                throw IndelibleError(.dataLoss, "The log has no \(path), which its checkpoint covers.")
            }
            try files.createDirectory(PosixFileSystem.parent(of: path.description))
            try files.replaceDurably(path.description, with: bytes)
            try files.makeReadOnly(path.description)
            return true
        }
    }
}
