internal import AuditModel

/// Lines in which the services of a Unix machine tell who did what: logins, sudo, su, cron jobs, changes of accounts.
///
/// The words are those of OpenSSH, sudo, Linux-PAM, util-linux, cron and shadow; a line of any other form is left to its caller.
enum KnownLine {
    /// - Returns: an event with actor, action, target and outcome, and the address where the line has one.
    static func event(_ application: String, _ text: String) -> AuditEvent? {
        if text.hasPrefix("pam_") || text.contains("): session ") { return Self.session(application, text) }
        switch application {
        case "sshd", "sshd-session": return Self.login(text)
        case "sudo": return Self.sudo(text)
        case "su": return Self.su(text)
        case "CRON", "cron", "crond": return Self.job(text)
        case "useradd", "userdel", "usermod", "groupadd", "groupdel", "passwd": return Self.account(application, text)
        default: return nil
        }
    }

    /// As in `Accepted publickey for ann from 192.0.2.7 port 4711 ssh2` or `Failed password for invalid user bob from …`.
    private static func login(_ text: String) -> AuditEvent? {
        let words = text.split(separator: " ", maxSplits: 16).map(String.init)
        guard let first = words.first, let from = words.firstIndex(of: "from"), from > 1 else { return nil }
        let results: [String: AuditEvent.Outcome.Result] = [
            "Accepted": .success, "Failed": .failure, "Invalid": .failure,
        ]
        guard let result = results[first] else { return nil }
        var event = Self.event(words[from - 1], "ssh.login", result)
        event.targets = [AuditEvent.Target(kind: "account", id: words[from - 1])]
        event.origin.address = from + 1 < words.count ? words[from + 1] : ""
        event.outcome.reason = result == .success ? "" : text
        return event
    }

    /// As in `ann : TTY=pts/0 ; PWD=/home/ann ; USER=root ; COMMAND=/bin/ls`, also with a reason before the TTY.
    private static func sudo(_ text: String) -> AuditEvent? {
        let parts = text.split(separator: " : ", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        let fields = parts[1].split(separator: " ; ", maxSplits: 16).map(String.init)
        guard let command = fields.first(where: { $0.hasPrefix("COMMAND=") })?.dropFirst(8), let first = fields.first
        else { return nil }
        let isRefused = !first.contains("=")
        let actor = parts[0].trimmingPrefix(while: { $0 == " " })
        var event = Self.event(String(actor), "sudo.command.execute", isRefused ? .denied : .success)
        event.outcome.reason = isRefused ? first : ""
        event.targets = [AuditEvent.Target(kind: "command", id: String(command))]
        if let user = fields.first(where: { $0.hasPrefix("USER=") })?.dropFirst(5) {
            event.targets.append(AuditEvent.Target(kind: "account", id: String(user)))
        }
        return event
    }

    /// As in `(to root) ann on pts/0` or `FAILED SU (to root) ann on pts/0`.
    private static func su(_ text: String) -> AuditEvent? {
        guard let opening = text.firstRange(of: "(to "), let closing = text[opening.upperBound...].firstIndex(of: ")")
        else {
            return nil
        }
        let words = text[text.index(after: closing)...].split(separator: " ", maxSplits: 2)
        guard let actor = words.first else { return nil }
        var event = Self.event(String(actor), "su.session.start", text.hasPrefix("FAILED") ? .failure : .success)
        event.targets = [AuditEvent.Target(kind: "account", id: String(text[opening.upperBound..<closing]))]
        return event
    }

    /// As in `(root) CMD (run-parts /etc/cron.hourly)`.
    private static func job(_ text: String) -> AuditEvent? {
        guard text.hasPrefix("("), let end = text.firstIndex(of: ")") else { return nil }
        let rest = text[text.index(after: end)...]
        guard rest.hasPrefix(" CMD ("), rest.hasSuffix(")") else { return nil }
        var event = Self.event(String(text[text.index(after: text.startIndex)..<end]), "cron.job.execute", .success)
        event.targets = [AuditEvent.Target(kind: "command", id: String(rest.dropFirst(6).dropLast()))]
        return event
    }

    /// As in `pam_unix(sshd:session): session opened for user ann(uid=1000) by (uid=0)`.
    private static func session(_ application: String, _ text: String) -> AuditEvent? {
        let words = text.split(separator: " ", maxSplits: 12)
        guard let verb = words.firstIndex(of: "session"), verb + 1 < words.count,
            let user = words.firstIndex(of: "user"), user + 1 < words.count
        else { return nil }
        let change: String? = ["opened": "start", "closed": "end"][String(words[verb + 1])]
        guard let change else { return nil }
        let name = words[user + 1].prefix { $0 != "(" }
        var event = Self.event(String(name), "\(ActionName.dotted(application)).session.\(change)", .success)
        event.targets = [AuditEvent.Target(kind: "account", id: String(name))]
        return event
    }

    /// As in `new user: name=bob, UID=1001, …` or `delete user 'bob'`.
    private static func account(_ application: String, _ text: String) -> AuditEvent? {
        let verbs = [
            "useradd": "user.create", "userdel": "user.delete", "usermod": "user.update", "groupadd": "group.create",
            "groupdel": "group.delete", "passwd": "user.password.update",
        ]
        guard let action = verbs[application] else { return nil }
        var name: Substring?
        if let start = text.firstRange(of: "name=")?.upperBound ?? text.firstIndex(of: "'").map(text.index(after:)) {
            name = text[start...].prefix { $0 != "," && $0 != "'" && $0 != " " }
        } else if let start = text.firstRange(of: "changed for ")?.upperBound {
            name = text[start...].prefix { $0 != " " }
        }
        guard let name, !name.isEmpty else { return nil }
        // Who called it is in the session of sudo before it.
        var event = Self.event(application, action, .success)
        event.actor.kind = .system
        event.targets = [AuditEvent.Target(kind: action.hasPrefix("group") ? "group" : "account", id: String(name))]
        return event
    }

    private static func event(
        _ actor: String,
        _ action: String,
        _ result: AuditEvent.Outcome.Result,
    ) -> AuditEvent {
        var event = AuditEvent()
        event.actor = AuditEvent.Actor(id: actor, kind: .user)
        event.action = action
        event.actionClass = ActionName.actionClass(action)
        event.outcome = AuditEvent.Outcome(result)
        return event
    }
}
