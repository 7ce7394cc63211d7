package import ArgumentParser
internal import Foundation
package import Primitives
internal import Storage
package import Transport

/// Where alerts go: the same flags for every process that has some, and for `indelible alert test`.
package struct AlertOptions: ParsableArguments {
    private static let secretByteCountMin = 16
    private static let secretByteCountMax = 4096

    @Option(
        name: .customLong("alert-command"),
        help: "Run with /bin/sh -c for each alert, which it gets as JSON on standard input. Can be repeated.",
    )
    package var commands: [String] = []

    @Option(
        name: .customLong("alert-webhook"),
        help: "http[s]:// URL that gets a POST for each alert, signed with --alert-secret. Can be repeated.",
    )
    package var webhooks: [String] = []

    @Option(
        name: .customLong("alert-secret"),
        help:
            "File with the webhooks' secret: header Indelible-Signature is sha256= and HMAC-SHA256 of the body in hex.",
    )
    package var secret: String?

    @Option(
        name: .customLong("alert-slack"),
        help: "http[s]:// URL that takes messages as Slack's incoming webhooks do. Can be repeated.",
    )
    package var slacks: [String] = []

    @Option(
        name: .customLong("alert-alertmanager"),
        help: "http[s]:// address of a Prometheus Alertmanager, whose API v2 gets each alert. Can be repeated.",
    )
    package var alertmanagers: [String] = []

    package init() {}

    package func validate() throws {
        guard self.webhooks.isEmpty || self.secret != nil else {
            throw ValidationError("--alert-webhook needs --alert-secret.")
        }
        guard (self.webhooks + self.slacks + self.alertmanagers).allSatisfy(Self.isURL) else {
            throw ValidationError("--alert-webhook, --alert-slack and --alert-alertmanager take http[s]:// URLs.")
        }
    }

    package static func isURL(_ text: String) -> Bool { text.hasPrefix("http://") || text.hasPrefix("https://") }

    /// The same flags for a process with another working directory.
    package var arguments: [String] {
        self.commands.map { "--alert-command=\($0)" } + self.webhooks.map { "--alert-webhook=\($0)" }
            + self.slacks.map { "--alert-slack=\($0)" } + self.alertmanagers.map { "--alert-alertmanager=\($0)" }
            + [self.secret].compactMap(\.self).map { "--alert-secret=\(URL(filePath: $0).path())" }
    }

    /// Where alerts go.
    ///
    /// - Parameter tls: for https.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when there is no secret in its file.
    package func outputs(tls: ClientTLS?) throws(IndelibleError) -> [AlertOutput] {
        var outputs = self.commands.map { AlertOutput.command($0) }
        outputs += self.slacks.map { AlertOutput.slack(url: $0, tls: tls) }
        outputs += self.alertmanagers.map { AlertOutput.alertmanager(url: $0, tls: tls) }
        return outputs + (try self.signed(self.webhooks, tls: tls))
    }

    /// Webhooks that are signed with the secret.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when there is no secret in its file.
    package func signed(_ urls: [String], tls: ClientTLS?) throws(IndelibleError) -> [AlertOutput] {
        guard !urls.isEmpty, let path = self.secret else { return [] }
        let (files, name) = try HostPath(path).open()
        var secret = try files.readAll(name, byteCountMax: Self.secretByteCountMax) ?? []
        while secret.last == UInt8(ascii: "\n") { secret.removeLast() }
        guard secret.count >= Self.secretByteCountMin else {
            let least = "at least \(Self.secretByteCountMin) bytes"
            throw IndelibleError(.invalidArgument, "\(path) must hold the webhooks' secret, \(least).")
        }
        return urls.map { AlertOutput.webhook(url: $0, secret: secret, tls: tls) }
    }
}
