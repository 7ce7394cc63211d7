import Foundation
import Logging
package import ArgumentParser
import Primitives
import ServiceKit
import TransparencyLog

/// The ledger process: `indelible-ledger`.
package struct LedgerCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "indelible-ledger",
        abstract: "The one writer of a log: orders, hashes, keeps, signs and proves.",
        discussion: """
            Owns --data alone; a second ledger on the same directory refuses to start. Listens on loopback unless mutual TLS
            is configured. RPC is docs/protocol.md, HTTP is C2SP tlog-tiles below / plus /healthz and /metrics.
            """,
    )

    @OptionGroup var service: ServiceOptions
    @OptionGroup var tls: TLSOptions

    @Option(help: "Name of the log: the first line of its checkpoints. Fixed once the log exists.")
    var origin: String

    @Option(help: "Signing key of the log (`indelible keys create`); made as log.key in --data when missing.")
    var key: String?

    @Option(
        name: .customLong("also"),
        help: "Another log in this process: ORIGIN=DIRECTORY, its key in DIRECTORY/log.key. Can be repeated.",
    )
    var others: [String] = []

    @Option(help: "Address for RPC.")
    var listen = Endpoint(host: "127.0.0.1", port: 7401)

    @Option(help: "Address for tiles, health and metrics over HTTP.")
    var http = Endpoint(host: "127.0.0.1", port: 7402)

    @Option(name: .customLong("witness"), help: "A witness: VKEY=http[s]://host:port. Can be repeated.")
    var witnesses: [WitnessAddress] = []

    @Option(
        name: .customLong("witness-quorum"),
        help: "Cosignatures that make a checkpoint count as witnessed. Default: all witnesses.",
    )
    var witnessQuorum: Int?

    @Option(name: .customLong("checkpoint-milliseconds"), help: "Shortest time between two checkpoints.")
    var checkpointMilliseconds = 200

    @Option(
        name: .customLong("segment-entries"),
        help: "Entries of a sealed segment of a new log, a power of two from 2 to 65536. Default: 65536.",
    )
    var segmentEntries: Int?

    @Option(
        name: .customLong("slot-lease-milliseconds"),
        help: "An analyzer that is silent for longer loses its share of the actors to the others.",
    )
    var slotLeaseMilliseconds: UInt32 = 5_000

    @Option(
        name: .customLong("scrub-seconds"),
        help: "Time between two readings of all the log's files, beside the other work; 0 for never.",
    )
    var scrubSeconds: UInt64 = 86_400

    @Option(
        name: .customLong("scrub-bytes-per-second"),
        help: "Most that such a reading takes; 0 for as fast as it goes.",
    )
    var scrubBytesPerSecond: UInt64 = 16 << 20

    package init() {}

    package func validate() throws {
        guard self.scrubSeconds <= Self.scrubSecondsMax else {
            throw ValidationError("--scrub-seconds is at most \(Self.scrubSecondsMax).")
        }
        guard (1...3_600_000).contains(self.checkpointMilliseconds) else {
            throw ValidationError("--checkpoint-milliseconds is 1 to 3600000.")
        }
        guard (100...3_600_000).contains(self.slotLeaseMilliseconds) else {
            throw ValidationError("--slot-lease-milliseconds is 100 to 3600000.")
        }
        guard (0...self.witnesses.count).contains(self.witnessQuorum ?? 0) else {
            throw ValidationError("--witness-quorum is at most the number of witnesses, \(self.witnesses.count).")
        }
        guard self.witnesses.count <= WitnessAddress.countMax else {
            throw ValidationError("There can be \(WitnessAddress.countMax) witnesses.")
        }
    }

    /// Ten years.
    private static let scrubSecondsMax: UInt64 = 315_360_000

    /// What the executable calls.
    package static func start() async { await Self.main() }

    package func run() async throws {
        let logger = ServiceProcess.start("ledger", level: self.service.logLevel)
        do {
            try await LedgerProcess(self, logger: logger).run()
        } catch let error as IndelibleError {
            logger.critical("could not go on", metadata: ["error": "\(error)"])
            throw ExitCode(3)
        }
    }

    /// Every log of this process: origin, directory, key file.
    func logs() throws(IndelibleError) -> [(origin: String, directory: String, key: String?)] {
        var logs = [(self.origin, self.service.data, self.key)]
        for other in self.others {
            let parts = other.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else {
                throw IndelibleError(.invalidArgument, "--also takes ORIGIN=DIRECTORY, not \(other).")
            }
            logs.append((String(parts[0]), String(parts[1]), nil))
        }
        return logs
    }
}

/// A witness on the command line: `VKEY=URL`.
struct WitnessAddress: ExpressibleByArgument {
    static let countMax = 32

    let key: VerifierKey
    let url: String

    init?(argument: String) {
        // A vkey's base64 may end in `=`, a URL holds `=://` nowhere: the scheme marks where it starts.
        guard let scheme = argument.range(of: "=http://") ?? argument.range(of: "=https://") else { return nil }
        guard let key = try? VerifierKey(parsing: String(argument[..<scheme.lowerBound])), key.type == .cosignature
        else {
            return nil
        }
        self.key = key
        self.url = String(argument[argument.index(after: scheme.lowerBound)...])
    }
}
