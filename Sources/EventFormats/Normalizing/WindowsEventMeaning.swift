internal import AuditModel

/// What the event ids of the Windows Security channel mean.
struct WindowsEventMeaning: Sendable {
    let action: String
    let actionClass: AuditEvent.ActionClass
    let targetKind: String
    /// The data fields that name the target, the most telling first.
    let targetFields: [String]
    /// Whether the account called the target is the one who acted, as in a logon.
    let isTargetsDeed: Bool

    private init(
        _ action: String,
        _ actionClass: AuditEvent.ActionClass,
        _ targetKind: String,
        _ targetFields: [String],
        isTargetsDeed: Bool = false,
    ) {
        self.action = action
        self.actionClass = actionClass
        self.targetKind = targetKind
        self.targetFields = targetFields
        self.isTargetsDeed = isTargetsDeed
    }

    private static let host = ["WorkstationName", "Hostname", "Computer"]
    private static let account = ["TargetUserName", "TargetSid", "MemberName", "MemberSid"]
    private static let object = ["ObjectName", "ObjectDN", "ObjectType", "HandleId"]
    private static let service = ["ServiceName", "TargetServerName"]
    private static let task = ["TaskName"]
    private static let policy = ["SubcategoryGuid", "CategoryId"]
    private static let rule = ["RuleName", "RuleId"]

    static let meanings: [Int: WindowsEventMeaning] = [
        1100: .init("log.service.stop", .execute, "host", Self.host),
        1102: .init("log.audit.clear", .delete, "host", Self.host),
        4608: .init("host.start", .execute, "host", Self.host),
        4611: .init("logon.process.register", .create, "process", ["LogonProcessName"]),
        4616: .init("host.time.change", .update, "host", Self.host),
        4624: .init("logon.session.create", .execute, "host", Self.host, isTargetsDeed: true),
        4625: .init("logon.session.fail", .execute, "host", Self.host, isTargetsDeed: true),
        4634: .init("logon.session.end", .execute, "host", Self.host, isTargetsDeed: true),
        4647: .init("logon.session.logoff", .execute, "host", Self.host, isTargetsDeed: true),
        4648: .init("logon.explicit_credentials.use", .execute, "account", Self.account),
        4656: .init("object.handle.request", .read, "object", Self.object),
        4657: .init("registry.value.modify", .update, "registry", Self.object),
        4658: .init("object.handle.close", .read, "object", Self.object),
        4660: .init("object.delete", .delete, "object", Self.object),
        4661: .init("directory.handle.request", .read, "object", Self.object),
        4662: .init("directory.object.access", .read, "object", Self.object),
        4663: .init("object.access", .read, "object", Self.object),
        4670: .init("object.permissions.change", .update, "object", Self.object),
        4672: .init("logon.special_privileges.assign", .create, "host", Self.host),
        4673: .init("privilege.service.call", .execute, "service", ["Service", "ObjectServer"]),
        4674: .init("privilege.object.use", .execute, "object", Self.object),
        4688: .init("process.create", .execute, "process", ["NewProcessName"]),
        4689: .init("process.exit", .execute, "process", ["ProcessName"]),
        4690: .init("object.handle.duplicate", .read, "object", Self.object),
        4696: .init("process.token.assign", .update, "process", ["TargetProcessName"]),
        4697: .init("service.install", .create, "service", Self.service),
        4698: .init("scheduled_task.create", .create, "task", Self.task),
        4699: .init("scheduled_task.delete", .delete, "task", Self.task),
        4700: .init("scheduled_task.enable", .update, "task", Self.task),
        4701: .init("scheduled_task.disable", .update, "task", Self.task),
        4702: .init("scheduled_task.update", .update, "task", Self.task),
        4703: .init("token.rights.adjust", .update, "account", Self.account),
        4719: .init("audit.policy.change", .update, "policy", Self.policy),
        4720: .init("account.user.create", .create, "account", Self.account),
        4722: .init("account.user.enable", .update, "account", Self.account),
        4723: .init("account.password.change", .update, "account", Self.account),
        4724: .init("account.password.reset", .update, "account", Self.account),
        4725: .init("account.user.disable", .update, "account", Self.account),
        4726: .init("account.user.delete", .delete, "account", Self.account),
        4728: .init("group.global.member.add", .update, "group", Self.account),
        4729: .init("group.global.member.remove", .update, "group", Self.account),
        4732: .init("group.local.member.add", .update, "group", Self.account),
        4733: .init("group.local.member.remove", .update, "group", Self.account),
        4735: .init("group.local.change", .update, "group", Self.account),
        4737: .init("group.global.change", .update, "group", Self.account),
        4738: .init("account.user.change", .update, "account", Self.account),
        4740: .init("account.user.lock", .update, "account", Self.account),
        4741: .init("account.computer.create", .create, "account", Self.account),
        4742: .init("account.computer.change", .update, "account", Self.account),
        4756: .init("group.universal.member.add", .update, "group", Self.account),
        4767: .init("account.user.unlock", .update, "account", Self.account),
        4768: .init("kerberos.tgt.request", .execute, "service", Self.service, isTargetsDeed: true),
        4769: .init("kerberos.service_ticket.request", .execute, "service", Self.service, isTargetsDeed: true),
        4770: .init("kerberos.service_ticket.renew", .execute, "service", Self.service, isTargetsDeed: true),
        4771: .init("kerberos.preauthentication.fail", .execute, "service", Self.service, isTargetsDeed: true),
        4776: .init("ntlm.credential.validate", .execute, "host", ["Workstation"] + Self.host, isTargetsDeed: true),
        4798: .init("account.group_membership.list", .read, "account", Self.account),
        4799: .init("group.local.member.list", .read, "group", Self.account),
        4907: .init("object.audit_settings.change", .update, "object", Self.object),
        4912: .init("audit.user_policy.change", .update, "account", ["TargetUserSid"]),
        4946: .init("firewall.rule.add", .create, "firewall_rule", Self.rule),
        4947: .init("firewall.rule.modify", .update, "firewall_rule", Self.rule),
        4948: .init("firewall.rule.delete", .delete, "firewall_rule", Self.rule),
        5058: .init("key.file.operate", .read, "key", ["KeyName"]),
        5059: .init("key.migrate", .read, "key", ["KeyName"]),
        5061: .init("key.operate", .execute, "key", ["KeyName"]),
        5136: .init("directory.object.modify", .update, "object", Self.object),
        5137: .init("directory.object.create", .create, "object", Self.object),
        5140: .init("share.access", .read, "share", ["ShareName"]),
        5141: .init("directory.object.delete", .delete, "object", Self.object),
        5145: .init("share.file.check", .read, "share", ["RelativeTargetName", "ShareName"]),
        5156: .init("firewall.connection.permit", .execute, "process", ["Application"]),
        5158: .init("firewall.bind.permit", .execute, "process", ["Application"]),
        5379: .init("credential.read", .read, "credential", ["TargetName"]),
    ]

    /// Events that tell of a failure by their very number.
    static let failures: Set<Int> = [4625, 4771]

    /// Events whose failure is an access that was refused.
    static let denials: Set<Int> = [4625, 4656, 4661, 4662, 4663, 4673, 4674, 4771, 5140, 5145]
}
