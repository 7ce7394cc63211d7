import AuditModel
import EventFormats
import Primitives
import Testing

/// Goal: syslog messages are understood as RFC 5424 and RFC 3164 have them, and anything else is a message too.
///
/// Method: the examples of both RFCs, lines of real services, and every way of cutting a stream into pieces.
@Suite struct SyslogTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let line: String
        var form = SyslogMessage.Form.rfc5424
        var priority: (facility: UInt8, severity: UInt8) = (1, 5)
        var time = ""
        var host = ""
        var application = ""
        var process = ""
        var messageID = ""
        var data: [String] = []
        var text = ""
        var testDescription: String { self.line }
    }

    static let rows = [
        // RFC 5424, section 6.5.
        Row(
            line:
                "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \u{feff}'su root' failed on /dev/pts/8",
            priority: (4, 2),
            time: "2003-10-11T22:14:15.003Z",
            host: "mymachine.example.com",
            application: "su",
            messageID: "ID47",
            text: "'su root' failed on /dev/pts/8",
        ),
        Row(
            line: "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to make the do-nuts.",
            priority: (20, 5),
            time: "2003-08-24T12:14:15.000Z",
            host: "192.0.2.1",
            application: "myproc",
            process: "8710",
            text: "%% It's time to make the do-nuts.",
        ),
        Row(
            line:
                #"<165>1 2003-10-11T22:14:15.003Z h evntslog - ID47 [exampleSDID@32473 iut="3" eventSource="A \"b\" \\ \]"]"#
                + #"[examplePriority@32473 class="high"] An application"#,
            priority: (20, 5),
            time: "2003-10-11T22:14:15.003Z",
            host: "h",
            application: "evntslog",
            messageID: "ID47",
            data: [
                "exampleSDID@32473 iut=3", #"exampleSDID@32473 eventSource=A "b" \ ]"#,
                "examplePriority@32473 class=high",
            ],
            text: "An application",
        ),
        Row(line: "<13>1 - - - - - -", text: ""),
        // RFC 3164, section 5.4.
        Row(
            line: "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
            form: .rfc3164,
            priority: (4, 2),
            time: "2025-10-11T22:14:15.000Z",
            host: "mymachine",
            application: "su",
            text: "'su root' failed for lonvick on /dev/pts/8",
        ),
        Row(line: "Use the BFG!", form: .rfc3164, text: "Use the BFG!"),
        Row(
            line: "<13>Feb  5 17:32:18 10.0.0.99 Use the BFG!",
            form: .rfc3164,
            time: "2025-02-05T17:32:18.000Z",
            host: "10.0.0.99",
            text: "Use the BFG!",
        ),
        // A received message of tomorrow is one of today; one of next month is of last year.
        Row(
            line: "Jan 31 23:00:00 h a[7]: x",
            form: .rfc3164,
            time: "2026-01-31T23:00:00.000Z",
            host: "h",
            application: "a",
            process: "7",
            text: "x",
        ),
        Row(
            line: "<13>Jan 31 2024 10:00:00 h a: x",
            form: .rfc3164,
            time: "2024-01-31T10:00:00.000Z",
            host: "h",
            application: "a",
            text: "x",
        ),
        Row(
            line: "<13>2026-01-31T01:02:03.5+01:00 h a: x",
            form: .rfc3164,
            time: "2026-01-31T00:02:03.500Z",
            host: "h",
            application: "a",
            text: "x",
        ),
        Row(
            line: "<13>Jan 31 10:00:00 a[7]: x",
            form: .rfc3164,
            time: "2026-01-31T10:00:00.000Z",
            application: "a",
            process: "7",
            text: "x",
        ),
        // Half of RFC 5424 is not believed.
        Row(line: "<13>1 2026-01-31T01:02:03Z h a - - [x", form: .rfc3164, text: "1 2026-01-31T01:02:03Z h a - - [x"),
        Row(line: #"<13>1 - h a - - [x y="z] m"#, form: .rfc3164, text: #"1 - h a - - [x y="z] m"#),
        // No priority: RFC 3164, section 4.3.3.
        Row(line: "<192>x", form: .rfc3164, text: "<192>x"),
        Row(line: "<>x", form: .rfc3164, text: "<>x"),
        Row(line: "<13", form: .rfc3164, text: "<13"),
    ]

    static let received: UInt64 = 1_769_860_800_000_000_000  // 2026-01-31T12:00:00Z

    @Test(arguments: rows) func reads(_ row: Row) {
        let message = SyslogMessage(Array(row.line.utf8), receivedNanoseconds: Self.received)
        #expect(message.form == row.form)
        #expect(message.facility == row.priority.facility && message.severity == row.priority.severity)
        let time = message.occurredNanoseconds
        #expect((time == 0 ? "" : Timestamp.text(time)) == row.time)
        #expect(message.host == row.host && message.application == row.application)
        #expect(message.processID == row.process && message.messageID == row.messageID)
        let data = message.elements.flatMap { element in
            element.parameters.map { "\(element.id) \($0.name)=\($0.value)" }
        }
        #expect(data == row.data)
        #expect(message.text == row.text)
    }

    struct Known: Sendable, CustomTestStringConvertible {
        let line: String
        let actor: String
        let action: String
        let target: String
        var result = AuditEvent.Outcome.Result.success
        var address = ""
        var testDescription: String { self.line }
    }

    static let known = [
        Known(
            line: "sshd[812]: Accepted publickey for ann from 192.0.2.7 port 4711 ssh2: ED25519 SHA256:x",
            actor: "ann",
            action: "ssh.login",
            target: "ann",
            address: "192.0.2.7",
        ),
        Known(
            line: "sshd[812]: Failed password for invalid user bob from 192.0.2.8 port 4711 ssh2",
            actor: "bob",
            action: "ssh.login",
            target: "bob",
            result: .failure,
            address: "192.0.2.8",
        ),
        Known(
            line: "sudo:      ann : TTY=pts/0 ; PWD=/home/ann ; USER=root ; COMMAND=/usr/bin/less /etc/shadow",
            actor: "ann",
            action: "sudo.command.execute",
            target: "/usr/bin/less /etc/shadow",
        ),
        Known(
            line: "sudo: bob : user NOT in sudoers ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/sh",
            actor: "bob",
            action: "sudo.command.execute",
            target: "/bin/sh",
            result: .denied,
        ),
        Known(line: "su: (to root) ann on pts/0", actor: "ann", action: "su.session.start", target: "root"),
        Known(
            line: "su: FAILED SU (to root) ann on pts/0",
            actor: "ann",
            action: "su.session.start",
            target: "root",
            result: .failure,
        ),
        Known(
            line: "CRON[9]: (root) CMD (cd / && run-parts --report /etc/cron.hourly)",
            actor: "root",
            action: "cron.job.execute",
            target: "cd / && run-parts --report /etc/cron.hourly",
        ),
        Known(
            line: "sshd[8]: pam_unix(sshd:session): session opened for user ann(uid=1000) by (uid=0)",
            actor: "ann",
            action: "sshd.session.start",
            target: "ann",
        ),
        Known(
            line: "useradd[3]: new user: name=carl, UID=1001, GID=1001, home=/home/carl, shell=/bin/sh",
            actor: "useradd",
            action: "user.create",
            target: "carl",
        ),
        Known(
            line: #"app: @cee: {"user":"ann","action":"role.grant","target":"bob","outcome":"denied"}"#,
            actor: "ann",
            action: "role.grant",
            target: "bob",
            result: .denied,
        ),
        Known(line: "app[1]: started", actor: "app", action: "log.app", target: "h"),
    ]

    @Test(arguments: known) func tellsWhoDidWhat(_ row: Known) throws {
        let line = "<38>Jan 31 10:00:00 h \(row.line)"
        let record = RawRecord(bytes: Array(line.utf8), number: 1, line: 1, byteRange: 0..<UInt64(line.utf8.count))
        let event = try EventNormalizer().normalize(syslog: record, knownByNanoseconds: Self.received).event
        #expect(event.actor.id == row.actor && event.action == row.action)
        #expect(event.targets.first?.id == row.target)
        #expect(event.outcome.result == row.result)
        #expect(event.origin.address == row.address)
        #expect(event.raw == Array(line.utf8) && event.format == "syslog.rfc3164" && event.source == "syslog/h")
    }

    /// Whatever bytes come, there is an event, and it keeps them.
    @Test func everythingIsAMessage() throws {
        let line = Array("<165>1 2003-10-11T22:14:15Z h a 1 i [d@1 n=\"v\"] text".utf8)
        for position in line.indices {
            for byte in [0, 0x20, 0x22, 0x5b, 0x5d, 0x80, 0xff] as [UInt8] {
                var bytes = line
                bytes[position] = byte
                for end in [position + 1, bytes.count] {
                    let record = RawRecord(bytes: Array(bytes[..<end]), number: 1, line: 1, byteRange: 0..<UInt64(end))
                    let event = try EventNormalizer().normalize(syslog: record, knownByNanoseconds: Self.received).event
                    #expect(event.raw == record.bytes && !event.action.isEmpty)
                }
            }
        }
    }

    // MARK: - Framing

    struct Stream: Sendable, CustomTestStringConvertible {
        let text: String
        let frames: [SyslogFramer.Frame]
        var testDescription: String { self.text }
    }

    private static func message(_ text: String) -> SyslogFramer.Frame { .message(Array(text.utf8)) }

    static let streams = [
        Stream(text: "<1>a\n<2>b\r\n\n<3>c\0", frames: [message("<1>a"), message("<2>b"), message("<3>c")]),
        Stream(text: "4 <1>a5 <2>bc", frames: [message("<1>a"), message("<2>bc")]),
        Stream(text: "4 <1>a\n<2>b\n4 <3>c", frames: [message("<1>a"), message("<2>b"), message("<3>c")]),
        Stream(text: "6 <1>a\nb", frames: [message("<1>a\nb")]),
        Stream(text: "<1>a", frames: [message("<1>a")]),
        Stream(text: "9 <1>a", frames: [.cutOff]),
        Stream(text: "12", frames: [.cutOff]),
        Stream(text: "<1>aaaaaaaaaaaaaaaaa\n<2>b\n", frames: [.tooLong, message("<2>b")]),
        Stream(text: "20 <1>aaaaaaaaaaaaaaaaa4 <2>b", frames: [.tooLong, message("<2>b")]),
        Stream(text: "20 <1>", frames: [.tooLong]),
        Stream(text: "3    \n \n", frames: []),
        Stream(text: "", frames: []),
    ]

    @Test(arguments: streams) func cutsWhereverTheStreamIsCut(_ stream: Stream) throws {
        let bytes = Array(stream.text.utf8)
        for size in 1...max(bytes.count, 1) {
            var framer = SyslogFramer(messageByteCountMax: 16)
            var frames: [SyslogFramer.Frame] = []
            for start in Swift.stride(from: 0, to: bytes.count, by: size) {
                frames += try framer.append(bytes[start..<min(start + size, bytes.count)])
            }
            if let last = framer.finish() { frames.append(last) }
            #expect(frames == stream.frames, "pieces of \(size)")
        }
    }

    @Test(arguments: ["12x <1>a", "123456789 x"]) func refusesALengthThatIsNone(_ text: String) {
        var framer = SyslogFramer(messageByteCountMax: 16)
        let error = #expect(throws: IndelibleError.self) { try framer.append(Array(text.utf8)) }
        #expect(error?.code == .invalidArgument)
    }
}
