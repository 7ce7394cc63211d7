import AuditModel
import Cryptography
import Foundation
import Glibc
import Primitives
import Testing

extension RealProcesses {
    /// Goal: what the syslog senders of a Debian machine send is in the log, over each transport and in each framing.
    ///
    /// Method: `logger` and `rsyslogd` as they are packaged, against real processes.
    struct Syslog {
        private static func port(_ address: String) -> String { String(address.split(separator: ":").last ?? "") }

        private static func suite(
            _ arguments: [String]
        ) async throws -> (directory: TestDirectory, ledger: TestLedger, ingest: HTTPIngest, ports: [String: String]) {
            let directory = try TestDirectory()
            let ledger = try await TestLedger.start(in: directory)
            let ingest = try await HTTPIngest.start(in: directory, ledger: ledger.rpc, arguments)
            return (directory, ledger, ingest, ingest.others.mapValues(Self.port))
        }

        private static func events(_ ledger: TestLedger, _ count: Int) async throws -> [AuditEvent] {
            try await eventually("\(count) messages are in the log") {
                let events = try await ledger.events()
                return events.count >= count ? events : nil
            }
        }

        @Test func loggerIsUnderstood() async throws {
            let listen = ["--syslog-tcp", "127.0.0.1:0", "--syslog-udp", "127.0.0.1:0"]
            let (directory, ledger, ingest, ports) = try await Self.suite(listen)
            let (tcp, udp) = (try #require(ports["syslog_tcp"]), try #require(ports["syslog_udp"]))
            let senders: [(arguments: [String], format: String)] = [
                (["--udp", "--port", udp, "--rfc5424"], "syslog.rfc5424"),
                (["--udp", "--port", udp, "--rfc3164"], "syslog.rfc3164"),
                (["--tcp", "--port", tcp, "--rfc5424"], "syslog.rfc5424"),
                (["--tcp", "--port", tcp, "--rfc5424", "--octet-count"], "syslog.rfc5424"),
                (["--tcp", "--port", tcp, "--rfc3164"], "syslog.rfc3164"),
            ]
            for (number, sender) in senders.enumerated() {
                let sent = try await Program.run(
                    "logger",
                    ["--server", "127.0.0.1", "--tag", "sudo", "--priority", "authpriv.notice"] + sender.arguments
                        + ["--", "ann : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/number \(number)"],
                    in: directory,
                )
                #expect(sent.status == 0, "\(sent)")
                // One after the other, as datagrams and connections have no order among them.
                let event = try #require(try await Self.events(ledger, number + 1).last)
                #expect(event.format == sender.format && event.action == "sudo.command.execute")
                #expect(event.actor.id == "ann" && event.targets.first?.id == "/bin/number \(number)")
                #expect(event.source.hasPrefix("syslog/") && event.occurredNanoseconds > 1_700_000_000_000_000_000)
            }
            try await ingest.program.stop()
            try await ledger.stop()
        }

        /// Many messages on one connection, faster than they are made durable; all are there, in order, once.
        @Test func waitsWithoutLosingAnything() async throws {
            let (directory, ledger, ingest, ports) = try await Self.suite(["--syslog-tcp", "127.0.0.1:0"])
            let port = try #require(ports["syslog_tcp"])
            let lines = (0..<20_000).map { "<13>1 - h app - - - number \($0)\n" }
            try directory.write(Array(lines.joined().utf8), to: "lines")
            let script = "cat '\(directory.path("lines"))' > /dev/tcp/127.0.0.1/\(port)"
            #expect(try await Program.run("bash", ["-c", script], in: directory).status == 0)
            let events = try await Self.events(ledger, lines.count)
            let texts = events.map { event in event.attributes.first { $0.key == "message" }?.value ?? "" }
            #expect(texts == (0..<20_000).map { "number \($0)" })
            try await ingest.program.stop()
            try await ledger.stop()
        }

        /// A stopped collector has taken all that it had read.
        @Test func stoppingLosesNothingThatWasRead() async throws {
            let (directory, ledger, ingest, ports) = try await Self.suite(["--syslog-tcp", "127.0.0.1:0"])
            let port = try #require(ports["syslog_tcp"])
            let script = "for i in $(seq 500); do echo \"<13>1 - h app - - - n$i\"; done > /dev/tcp/127.0.0.1/\(port)"
            #expect(try await Program.run("bash", ["-c", script], in: directory).status == 0)
            _ = try await Self.events(ledger, 1)
            try await ingest.program.stop()
            let page = try await ledger.events().count
            #expect(page == 500)
            try await ledger.stop()
        }

        @Test func hostileSendersCostThemselves() async throws {
            let (directory, ledger, ingest, ports) = try await Self.suite(["--syslog-tcp", "127.0.0.1:0"])
            let port = try #require(ports["syslog_tcp"])
            let script = """
                send() { cat > /dev/tcp/127.0.0.1/\(port); }
                { printf '<13>1 - h app - - - '; head -c 100000000 /dev/zero | tr '\\0' x; printf '\\n<13>1 - h app - - - a\\n'; } | send
                printf '99999999 <13>x' | send || true
                printf '12x <13>no length' | send || true
                printf '<13>1 - h app - - - \\303\\050b\\n' | send
                """
            #expect(try await Program.run("bash", ["-c", script], in: directory).status == 0)
            let events = try await Self.events(ledger, 2)
            #expect(Set(events.map { $0.attributes.first { $0.key == "message" }?.value }) == ["a", "\u{fffd}(b"])
            let metrics = try await eventually("refusals are counted") {
                let text = try await ingest.get("/metrics").text
                return text.contains("indelible_ingest_syslog_malformed_messages_total 3\n") ? text : nil
            }
            #expect(metrics.contains("indelible_ingest_rejected_events_total 3\n"))
            try await ingest.program.stop()
            try await ledger.stop()
        }

        @Test(.enabled(if: Tool.isHere("rsyslogd"), "rsyslog is not installed; tools/install test installs it"))
        func rsyslogForwards() async throws {
            let (directory, ledger, ingest, ports) = try await Self.suite(["--syslog-tcp", "127.0.0.1:0"])
            let port = try #require(ports["syslog_tcp"])
            let action = #"type="omfwd" target="127.0.0.1" port="\#(port)" protocol="tcp""#
            let rsyslog = try await Self.rsyslog(
                "action(\(action) tcp_framing=\"octet-counted\" template=\"RSYSLOG_SyslogProtocol23Format\")\naction(\(action))",
                in: directory,
            )
            try await Self.log("hello", in: directory)
            let events = try await Self.events(ledger, 2)
            #expect(Set(events.map(\.format)) == ["syslog.rfc5424", "syslog.rfc3164"])
            #expect(events.allSatisfy { $0.action == "log.tester" && $0.actor.id == "tester" })
            try await rsyslog.stop(SIGKILL)
            try await ingest.program.stop()
            try await ledger.stop()
        }

        /// RFC 5425, with certificates on both sides; who has none, or another role's, is not taken.
        @Test(.enabled(if: Tool.isHere("rsyslogd"), "rsyslog is not installed; tools/install test installs it"))
        func rsyslogForwardsOverTLS() async throws {
            let directory = try TestDirectory()
            let now = Int64(Date().timeIntervalSince1970)
            let authority = try CertificateAuthority.create(name: "Test authority", days: 1, now: now)
            try directory.write(Array(authority.identity.certificatePEM.utf8), to: "ca.pem")
            for (name, role) in [("collector", "admin"), ("writer", "writer"), ("reader", "reader")] {
                let hosts = name == "collector" ? ["127.0.0.1", "localhost"] : []
                let identity = try authority.issue(name: name, role: role, hosts: hosts, days: 1, now: now)
                try directory.write(Array(identity.certificatePEM.utf8), to: "\(name).pem")
                try directory.write(Array(identity.privateKeyPEM.utf8), to: "\(name).key")
            }
            let ingest = try await HTTPIngest.start(
                in: directory,
                ledger: "127.0.0.1:1",
                [
                    "--syslog-tls", "127.0.0.1:0", "--tls-cert", directory.path("collector.pem"), "--tls-key",
                    directory.path("collector.key"), "--tls-ca", directory.path("ca.pem"),
                ],
            )
            let port = Self.port(try #require(ingest.others["syslog_tls"]))
            for name in ["reader", "writer"] {
                let rsyslog = try await Self.rsyslog(
                    """
                    action(type="omfwd" target="127.0.0.1" port="\(port)" protocol="tcp" tcp_framing="octet-counted"
                      StreamDriver="ossl" StreamDriverMode="1" StreamDriverAuthMode="x509/certvalid"
                      template="RSYSLOG_SyslogProtocol23Format")
                    """,
                    tls: name,
                    in: directory,
                )
                try await Self.log("sent by \(name)", in: directory)
                if name == "reader" {
                    try await eventually("the reader is refused") { () -> Void? in
                        ingest.program.errors.contains("neither the role writer nor admin") ? () : nil
                    }
                } else {
                    // There is no ledger: what was taken waits in the spool.
                    try await eventually("the message is safe") { () -> Void? in
                        let found = try await Program.run(
                            "grep",
                            ["-rlaF", "sent by writer", directory.path("ingest/spool")],
                            in: directory,
                        )
                        return found.status == 0 ? () : nil
                    }
                }
                try await rsyslog.stop(SIGKILL)
            }
            let refused = try await Program.run(
                "grep",
                ["-rlaF", "sent by reader", directory.path("ingest")],
                in: directory,
            )
            #expect(refused.status == 1, "\(refused)")
            try await ingest.program.stop()
        }

        // MARK: - rsyslog

        /// It has to be killed: Foundation starts programs with SIGTERM blocked, and rsyslogd leaves that so.
        private static func rsyslog(
            _ action: String,
            tls name: String? = nil,
            in directory: TestDirectory,
        ) async throws -> Program {
            var configuration = "global(workDirectory=\"\(directory.path(""))\"\n"
            if let name {
                configuration += """
                    DefaultNetstreamDriverCAFile="\(directory.path("ca.pem"))"
                    DefaultNetstreamDriverCertFile="\(directory.path("\(name).pem"))"
                    DefaultNetstreamDriverKeyFile="\(directory.path("\(name).key"))"

                    """
            }
            configuration += """
                )
                module(load="imuxsock" SysSock.Use="off")
                input(type="imuxsock" Socket="\(directory.path("devlog"))" CreatePath="off")
                \(action)
                """
            try directory.write(Array(configuration.utf8), to: "rsyslog.conf")
            try? directory.remove("devlog")
            let program = try Program(
                "rsyslogd",
                ["-n", "-f", directory.path("rsyslog.conf"), "-i", directory.path("rsyslog.pid")],
                in: directory,
            )
            try await eventually("rsyslogd listens") { () -> Void? in
                guard program.isRunning else { throw Unexpected("rsyslogd ended: \(program.errors.suffix(2_000))") }
                return FileManager.default.fileExists(atPath: directory.path("devlog")) ? () : nil
            }
            return program
        }

        private static func log(_ text: String, in directory: TestDirectory) async throws {
            let socket = directory.path("devlog")
            let sent = try await Program.run(
                "logger",
                ["--socket", socket, "--tag", "tester", "--", text],
                in: directory,
            )
            #expect(sent.status == 0, "\(sent)")
        }
    }
}
