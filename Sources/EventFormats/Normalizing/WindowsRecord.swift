internal import AuditModel
internal import JSONText
internal import Primitives

/// A Windows Security event as JSON, its data fields beside the system fields or in `EventData`, `ExtraEventData` or `Event`.
struct WindowsRecord {
    private(set) var event = AuditEvent()
    private let record: JSONObject
    private let data: JSONObject?

    /// - Throws: ``IndelibleError/Code/invalidArgument`` when it has no event id.
    init(_ record: JSONObject) throws(IndelibleError) {
        guard let number = record["EventID"]?.scalarText.flatMap({ Int($0) }) else {
            throw IndelibleError(.invalidArgument, "not a Windows event: EventID is missing or not a number")
        }
        self.record = record
        self.data = record["EventData"]?.object ?? record["ExtraEventData"]?.object
        var event = AuditEvent()
        let meaning = WindowsEventMeaning.meanings[number]
        let host = self.text("Hostname", "Computer", "host") ?? ""
        event.occurredNanoseconds =
            ["TimeCreated", "@timestamp", "EventTime"].lazy
            .compactMap { record[$0]?.scalarText.flatMap(Timestamp.nanoseconds) }.first ?? 0
        event.source = host.isEmpty ? "windows.security" : "windows.security/\(host)"
        event.sourceSequence = self.text("RecordNumber", "EventRecordID").flatMap { UInt64($0) } ?? 0
        event.actor = self.actor(meaning, host: host)
        event.action = meaning?.action ?? "windows.event_\(number)"
        event.actionClass = meaning?.actionClass ?? .unknown
        event.targets = [self.target(meaning, host: host)]
        let stated = self.statedOutcome(number)
        event.outcome = stated ?? AuditEvent.Outcome(.success)
        event.origin = AuditEvent.Origin(
            address: self.text("IpAddress", "ClientAddress", "SourceAddress") ?? self.text("WorkstationName") ?? "",
            session: self.text("SubjectLogonId", "TargetLogonId") ?? "",
            trace: self.text("ActivityID", "LogonGuid") ?? "",
        )
        event.attributes = self.attributes(number, isInferred: stated == nil)
        self.event = event
    }

    /// The first of `names` with a value; Windows writes `-` for none.
    private func text(_ names: String...) -> String? { self.text(names) }

    private func text(_ names: [String]) -> String? {
        for name in names {
            guard let text = (self.record[name] ?? self.data?[name])?.scalarText, !text.isEmpty, text != "-" else {
                continue
            }
            return text
        }
        return nil
    }

    /// A logon is its target's deed; everything else is the subject's; what has neither is the machine's own.
    private func actor(_ meaning: WindowsEventMeaning?, host: String) -> AuditEvent.Actor {
        let subject = self.account("Subject")
        let target = self.account("Target")
        let account = meaning?.isTargetsDeed == true ? target ?? subject : subject ?? target
        guard let account else {
            let named = self.text("AccountName", "UserID", "UserId")
            return AuditEvent.Actor(id: named ?? host, kind: named == nil ? .system : .user)
        }
        let isMachine = account.hasSuffix("$") || account.uppercased().hasPrefix("NT AUTHORITY\\")
        return AuditEvent.Actor(id: account, kind: isMachine ? .system : .user)
    }

    /// `DOMAIN\name`, or the account's identifier when it has no name.
    private func account(_ role: String) -> String? {
        guard let name = self.text("\(role)UserName") else {
            let identifier = self.text("\(role)UserSid", "\(role)Sid")
            return identifier == "S-1-0-0" ? nil : identifier  // S-1-0-0 stands for nobody.
        }
        guard let domain = self.text("\(role)DomainName"), !name.contains("@") else { return name }
        return "\(domain)\\\(name)"
    }

    private func target(_ meaning: WindowsEventMeaning?, host: String) -> AuditEvent.Target {
        if let meaning, let id = self.text(meaning.targetFields) {
            return AuditEvent.Target(kind: "windows.\(meaning.targetKind)", id: id)
        }
        return AuditEvent.Target(kind: "windows.host", id: host)
    }

    /// By the keywords, where bit 52 marks a failed audit and bit 53 a successful one.
    ///
    /// Some forwarders write them as a signed number, some only the event's type, some neither.
    ///
    /// - Returns: `nil` when the record does not say how it ended.
    private func statedOutcome(_ number: Int) -> AuditEvent.Outcome? {
        let status = self.text("SubStatus", "Status").flatMap { $0 == "0x0" ? nil : $0 } ?? self.text("Status")
        guard let isSuccess = self.isSuccess(number, status: status) else { return nil }
        guard !isSuccess else { return AuditEvent.Outcome(.success, code: status ?? "") }
        return AuditEvent.Outcome(
            WindowsEventMeaning.denials.contains(number) ? .denied : .failure,
            code: status ?? "",
            reason: self.text("FailureReason") ?? "",
        )
    }

    private func isSuccess(_ number: Int, status: String?) -> Bool? {
        if let keywords = self.keywords {
            if keywords & 1 << 52 != 0 { return false }
            if keywords & 1 << 53 != 0 { return true }
        }
        if let type = self.text("EventType"), type.hasPrefix("AUDIT_") { return type != "AUDIT_FAILURE" }
        if WindowsEventMeaning.failures.contains(number) { return false }
        return status.map { $0 == "0x0" }
    }

    private var keywords: UInt64? {
        guard let text = self.record["Keywords"]?.scalarText else { return nil }
        if text.hasPrefix("0x") { return UInt64(text.dropFirst(2), radix: 16) }
        return Int64(text).map { UInt64(bitPattern: $0) }
    }

    private func attributes(_ number: Int, isInferred: Bool) -> [AuditEvent.Attribute] {
        let names = [
            ("windows.logon_type", "LogonType"), ("windows.process", "ProcessName"),
            ("windows.new_process", "NewProcessName"), ("windows.command_line", "CommandLine"),
            ("windows.parent_process", "ParentProcessName"), ("windows.share", "ShareName"),
            ("windows.access", "AccessMask"), ("windows.package", "AuthenticationPackageName"),
            ("windows.privileges", "PrivilegeList"),
        ]
        return (isInferred ? [AuditEvent.Attribute(key: "outcome.inferred", value: "true")] : [])
            + [AuditEvent.Attribute(key: "windows.event_id", value: String(number))]
            + names.compactMap { key, name in
                self.text(name).map { AuditEvent.Attribute(key: key, value: $0) }
            }
    }
}
