package import ArgumentParser
package import Logging
package import Transport

/// The flags that every service has.
package struct ServiceOptions: ParsableArguments {
    @Option(help: "Directory that this process owns; made when missing.")
    package var data: String

    @Option(name: .customLong("ready-file"), help: "Write this process's addresses here, as JSON, once it serves.")
    package var readyFile: String?

    @Option(name: .customLong("log-level"), help: "trace, debug, info, notice, warning, error or critical.")
    private var logLevelName = "info"

    @Flag(
        name: .customLong("no-lifecycle-records"),
        help: "Leave this process's starts and stops out of the log; for tests that have to know every entry.",
    )
    package var withoutLifecycleRecords = false

    @Option(name: .customLong("drain-seconds"), help: "Longest wait for accepted work when stopping.")
    package var drainSeconds: Int = 20

    package init() {}

    package var logLevel: Logger.Level { Logger.Level(rawValue: self.logLevelName) ?? .info }

    package func validate() throws {
        guard Logger.Level(rawValue: self.logLevelName) != nil else {
            throw ValidationError(
                "--log-level is one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))."
            )
        }
    }
}

/// Where and how a service listens, or speaks to another.
package struct TLSOptions: ParsableArguments {
    @Option(name: .customLong("tls-cert"), help: "This process's certificate chain, PEM. Read again when it changes.")
    package var certificate: String?

    @Option(name: .customLong("tls-key"), help: "Private key of --tls-cert, PEM.")
    package var key: String?

    @Option(name: .customLong("tls-ca"), help: "Certificates of the authority that peers must be signed by, PEM.")
    package var authority: String?

    @Flag(
        name: .customLong("allow-insecure-remote"),
        help: "Listen off loopback without mutual TLS. Anyone who can reach the port can then read and write.",
    )
    package var allowInsecureRemote = false

    package init() {}

    package func validate() throws {
        guard (self.certificate == nil) == (self.key == nil), self.authority == nil || self.key != nil else {
            throw ValidationError("--tls-cert and --tls-key go together; --tls-ca needs both.")
        }
    }

    /// `nil` for plain TCP.
    package var settings: TLSSettings? {
        guard let certificate, let key else { return nil }
        return TLSSettings(certificateChainPath: certificate, privateKeyPath: key, trustRootsPath: self.authority)
    }
}
