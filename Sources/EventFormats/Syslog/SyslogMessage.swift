internal import Primitives

/// A syslog message in either of its forms, cut into its parts.
///
/// Everything is a message: what follows neither RFC 5424 nor RFC 3164 is text of an unknown sender (RFC 3164, section 4.3.3).
package struct SyslogMessage: Sendable, Equatable {
    package enum Form: String, Sendable {
        case rfc5424 = "syslog.rfc5424"
        case rfc3164 = "syslog.rfc3164"
    }

    /// RFC 5424, section 6.3.
    package struct Element: Sendable, Equatable {
        package var id: String
        package var parameters: [(name: String, value: String)]

        package static func == (left: Element, right: Element) -> Bool {
            left.id == right.id && left.parameters.elementsEqual(right.parameters, by: ==)
        }
    }

    /// What a message without a priority has: user, notice.
    private static let unstatedPriority: UInt8 = 13
    /// RFC 5424, section 6.2.1: facility 23, severity 7.
    private static let priorityMax = 191

    package var form = Form.rfc3164
    /// 0 kernel to 23 local7.
    package var facility: UInt8
    /// 0 emergency to 7 debug.
    package var severity: UInt8
    /// Since the Unix epoch; 0 when it is not known.
    package var occurredNanoseconds: UInt64 = 0
    package var host = ""
    package var application = ""
    package var processID = ""
    package var messageID = ""
    package var elements: [Element] = []
    package var text = ""

    /// - Parameters:
    ///   - bytes: one message without its framing; bytes that are no UTF-8 become U+FFFD in the parts.
    ///   - receivedNanoseconds: tells the year, which RFC 3164 leaves out; its times are taken for UTC.
    package init(_ bytes: [UInt8], receivedNanoseconds: UInt64) {
        var reader = SyslogReader(bytes)
        let priority = reader.priority(max: Self.priorityMax).map { UInt8($0) } ?? Self.unstatedPriority
        self.facility = priority >> 3
        self.severity = priority & 7
        let start = reader.position
        if reader.skip("1 "), self.readNew(&reader) {
            self.form = .rfc5424
        } else {
            // Nothing of a message that is only half of one form is believed.
            self = Self(facility: priority >> 3, severity: priority & 7)
            reader.position = start
            self.readOld(&reader, receivedNanoseconds)
        }
    }

    private init(facility: UInt8, severity: UInt8) {
        self.facility = facility
        self.severity = severity
    }

    // MARK: - RFC 5424

    private mutating func readNew(_ reader: inout SyslogReader) -> Bool {
        guard let time = reader.field(), let host = reader.field(), let application = reader.field(),
            let processID = reader.field(), let messageID = reader.field(), let elements = reader.elements()
        else { return false }
        guard let occurred = time.isEmpty ? 0 : Timestamp.nanoseconds(time) else { return false }
        guard reader.isAtEnd || reader.skip(" ") else { return false }
        self.occurredNanoseconds = occurred
        self.host = host
        self.application = application
        self.processID = processID
        self.messageID = messageID
        self.elements = elements
        _ = reader.skip("\u{feff}")
        self.text = reader.rest()
        return true
    }

    // MARK: - RFC 3164

    private mutating func readOld(_ reader: inout SyslogReader, _ receivedNanoseconds: UInt64) {
        let start = reader.position
        if let time = reader.oldTime(receivedNanoseconds) ?? reader.field().flatMap(Self.newTime) {
            self.occurredNanoseconds = time
            self.readTag(&reader, hasHost: true)
        } else {
            reader.position = start
            self.readTag(&reader, hasHost: false)
        }
    }

    /// Senders of today write RFC 3339 where RFC 3164 has a time without a year.
    private static func newTime(_ text: String) -> UInt64? {
        text.contains("T") ? Timestamp.nanoseconds(text) : nil
    }

    /// `HOST TAG[PID]: text`; where a part is missing, what is there counts as the later one.
    private mutating func readTag(_ reader: inout SyslogReader, hasHost: Bool) {
        let start = reader.position
        if hasHost, let first = reader.field(), !first.isEmpty {
            if first.hasSuffix(":") || first.hasSuffix("]") {
                reader.position = start
            } else {
                self.host = first
            }
        }
        if let tag = reader.tag() {
            self.application = tag.name
            self.processID = tag.processID
        }
        self.text = reader.rest()
    }
}
