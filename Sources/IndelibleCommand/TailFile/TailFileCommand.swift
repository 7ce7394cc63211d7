import ArgumentParser
import Cryptography
import EventFormats
import Foundation
import Platform
import Primitives
import ServiceKit
import Storage

/// Takes in a log file while it grows: `indelible tail-file`.
struct TailFileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail-file",
        abstract: "Take in a log file while it grows.",
        discussion: """
            Follows FILE across rotations until it is interrupted, and remembers how far it came: each line becomes one event, \
            once, also when it, the collector or the machine dies in between.

              indelible tail-file --data ./audit /var/log/auth.log
              indelible tail-file --ingest collector:7411 --state /var/lib/indelible --source app /srv/app/audit.jsonl

            A line that is a JSON object is read as `indelible import` reads it, any other as a line of syslog. A line that cannot \
            be taken in is told of on standard error and in the log.

            Rotation by renaming (app.log to app.log.1 or app.log-20260131) loses nothing, as long as a file is not compressed or \
            removed before it was read. What a rotation that copies and cuts the file loses can only be told of.
            """,
    )

    @OptionGroup var client: ClientOptions
    @OptionGroup var masking: MaskingOptions

    @Option(help: "Directory for the position; tail in --data when not given.")
    var state: String?

    @Option(help: "What the lines are; auto judges each by itself.")
    var format: ImportCommand.Format = .auto

    @Option(help: "Name of the source, instead of what the lines say of it.")
    var source: String?

    @Flag(help: "Stop at the end of the file.")
    var once = false

    @Argument(help: "The file.")
    var file: String

    func validate() throws {
        guard self.client.data != nil || self.client.ingest != nil else {
            throw ValidationError("Say where to: --data DIR of a running suite, or --ingest HOST:PORT.")
        }
        guard self.client.data != nil || self.state != nil else {
            throw ValidationError("Say where the position is kept: --state DIR.")
        }
    }

    func run() async throws {
        try await Outcome.report {
            let path = URL(fileURLWithPath: self.file).standardizedFileURL.path()
            let directory = self.state ?? "\(self.client.data ?? "")/tail"
            let files = try PosixFileSystem(root: directory, create: true)
            let name = Hex.encode(Array(try SHA256.hash(Array(path.utf8)).bytes.prefix(16)))
            let lock = try files.lock("\(name).lock")
            defer { lock.release() }
            let normalizer = EventNormalizer(
                format: self.format.sourceFormat,
                source: self.source,
                masker: try self.masking.masker(vault: self.client.vault),
            )
            let ledger = self.client.data == nil && self.client.ledger == nil ? nil : try self.client.ledgerClient()
            let sink = SuiteSink(ingest: try self.client.ingestClient(), ledger: ledger)
            let tail = try FileTail(
                path,
                normalizer,
                jsonOnly: self.format != .auto,
                to: sink,
                state: files,
                named: "\(name).json",
            )
            let result: Result<FileTail, any Error> = await self.follow(tail)
            await sink.close()
            let end = try result.get()
            Terminal.write("\(end.takenCount) lines taken, \(end.rejectedCount) not\n")
            guard end.rejectedCount == 0 else { throw Outcome.badInput }
        }
    }

    /// Until it is done or somebody interrupts it.
    private func follow(_ tail: FileTail) async -> Result<FileTail, any Error> {
        await withTaskGroup(of: Result<FileTail, any Error>?.self) { group in
            group.addTask { [once] in
                var tail = tail
                do {
                    try await tail.run(once: once)
                } catch is CancellationError {
                    return .success(tail)
                } catch {
                    return .failure(error)
                }
                return .success(tail)
            }
            group.addTask {
                await Interrupt.wait()
                return nil
            }
            while let result = await group.next() {
                group.cancelAll()
                if let result { return result }
            }
            return .failure(CancellationError())
        }
    }
}
