package import AuditModel

/// From actions to categories: the first row one of whose patterns occurs decides.
///
/// A pattern is looked for in the folded action, `.service.name.` with a dot at both ends, so `.get` is a segment's start and
/// `.login.` a whole segment. A pattern of two words, `create user`, stands for both orders in which sources write a verb
/// and its thing: `.createuser.` and `.user.create.`. Part of the feature schema: changing a row makes a new version.
package struct ActivityTable: Sendable {
    package static let v1 = ActivityTable()

    private let matcher: LiteralMatcher
    /// By pattern.
    private let categories: [ActivityCategory]

    private init() {
        var patterns: [String] = []
        var categories: [ActivityCategory] = []
        for row in Self.rows {
            for pattern in row.patterns.flatMap(Self.spellings) {
                patterns.append(pattern)
                categories.append(row.category)
            }
        }
        self.matcher = LiteralMatcher(patterns)
        self.categories = categories
    }

    private static func spellings(_ pattern: String) -> [String] {
        let words = pattern.split(separator: " ")
        guard words.count == 2 else { return [pattern] }
        return [".\(words[0])\(words[1]).", "\(words[1]).\(words[0])."]
    }

    package var noHits: LiteralMatcher.Hits { self.matcher.noHits }

    /// The category of an action; where no row knows it, that of the event's class.
    ///
    /// - Parameter hits: ``noHits``, or what an earlier call left of them.
    package func category(
        ofFoldedAction action: Span<UInt8>,
        _ event: AuditEvent,
        _ hits: inout LiteralMatcher.Hits,
    ) -> ActivityCategory {
        hits.removeAll()
        self.matcher.scan(action, into: &hits)
        if let pattern = hits.first { return self.categories[pattern] }
        if event.genAI != nil { return .genAIUse }
        switch event.actionClass {
        case .create, .update, .delete: return .adminChange
        case .read: return .resourceRead
        case .execute: return .execution
        case .unknown: return .other
        }
    }

    /// One line for each row, for the schema's hash.
    static var canonicalLines: [String] {
        Self.rows.map { "category \($0.category.rawValue): \($0.patterns.joined(separator: "|"))" }
    }

    private struct Row {
        let category: ActivityCategory
        let patterns: [String]

        init(_ category: ActivityCategory, _ patterns: String...) {
            self.category = category
            self.patterns = patterns
        }
    }

    private static let rows = [
        Row(
            .genAIUse,
            ".genai.",
            ".llm.",
            ".invokemodel",
            ".converse",
            ".chat.completion",
            ".completions.",
            ".embeddings.",
        ),
        // Using a key is neither reading nor changing it.
        Row(.other, ".kms.encrypt.", "generate datakey", ".kms.reencrypt"),
        Row(
            .defenseEvasion,
            "stop logging",
            "delete trail",
            "update trail",
            "put eventselectors",
            "delete flowlogs",
            "delete detector",
            "update detector",
            "stop configurationrecorder",
            "delete configurationrecorder",
            "delete configrule",
            "delete deliverychannel",
            "delete loggroup",
            "delete logstream",
            "delete alarms",
            "disable alarmactions",
            "deactivate mfadevice",
            ".leaveorganization.",
            "delete webacl",
            "delete rulegroup",
            "update ipset",
            "disable securityhub",
            "delete members",
            ".audit.sink.update.",
            ".audit.sink.disable.",
            ".audit.log.delete.",
            ".log.audit.clear.",
            ".audit.policy.change.",
            ".audit.userpolicy.change.",
        ),
        Row(
            .secretsAccess,
            "get secretvalue",
            ".batchgetsecretvalue.",
            ".secretvalue.batchget",
            "list secrets",
            "get passworddata",
            "get parameter",
            "get parameters",
            "get parametersbypath",
            ".kms.decrypt.",
            "get authorizationtoken",
            ".secret.read.",
            ".secret.list.",
            ".secret.get.",
            ".secrets.get.",
            ".secrets.list.",
            ".secrets.watch.",
            ".credential.read.",
        ),
        Row(
            .exfiltration,
            "modify snapshotattribute",
            "modify imageattribute",
            "modify dbsnapshotattribute",
            ".sharedsnapshot",
            "put bucketacl",
            "put objectacl",
        ),
        Row(
            .impact,
            "terminate instances",
            "delete snapshot",
            "delete volume",
            "delete bucket",
            "delete dbinstance",
            "delete dbcluster",
            "delete filesystem",
            ".schedulekeydeletion.",
            "disable key",
            ".snapshot.delete.",
            ".bucket.delete.",
        ),
        Row(
            .privilegeChange,
            "attach rolepolicy",
            "detach rolepolicy",
            "put rolepolicy",
            "delete rolepolicy",
            "attach userpolicy",
            "detach userpolicy",
            "put userpolicy",
            "delete userpolicy",
            "attach grouppolicy",
            "detach grouppolicy",
            "put grouppolicy",
            "delete grouppolicy",
            "create policy",
            "delete policy",
            "create policyversion",
            "delete policyversion",
            "set defaultpolicyversion",
            "create role",
            "delete role",
            "add roletoinstanceprofile",
            "remove rolefrominstanceprofile",
            "add usertogroup",
            "update assumerolepolicy",
            "put rolepermissionsboundary",
            "put userpermissionsboundary",
            "delete rolepermissionsboundary",
            "delete userpermissionsboundary",
            "put bucketpolicy",
            "add permission",
            ".role.grant.",
            ".iam.role.assume.",
            ".policy.update.",
            "rolebindings.create.",
            "rolebindings.update.",
            "rolebindings.patch.",
            "rolebindings.delete.",
            ".logon.specialprivileges",
            ".member.add.",
            ".member.remove.",
        ),
        Row(
            .identityChange,
            "create user",
            "delete user",
            "update user",
            "create accesskey",
            "delete accesskey",
            "update accesskey",
            "create loginprofile",
            "update loginprofile",
            "delete loginprofile",
            "create group",
            "delete group",
            "create instanceprofile",
            "delete instanceprofile",
            "enable mfadevice",
            "resync mfadevice",
            "create virtualmfadevice",
            ".serviceaccounts.create.",
            ".serviceaccounts.update.",
            ".serviceaccounts.delete.",
            ".user.disable.",
            ".user.enable.",
            ".user.change.",
            ".user.resetpassword.",
            ".user.impersonate.",
            ".password.reset.",
            ".mfa.reset.",
            ".token.create.",
            ".token.revoke.",
            ".role.revoke.",
            ".oauth.consent.",
            ".employee.update.",
        ),
        Row(
            .authentication,
            ".consolelogin.",
            ".login.",
            ".logon.",
            ".logout.",
            ".logoff.",
            ".signin.",
            ".authenticate.",
            "get sessiontoken",
            "get federationtoken",
            "get signintoken",
            "assume role",
            ".assumerole",
            ".role.assume",
            "change password",
            ".tokenreviews.",
            ".kerberos.",
            ".ntlm.",
        ),
        Row(
            .execution,
            ".sendcommand.",
            "start session",
            "resume session",
            "create session",
            ".exec.",
            ".invoke.",
            ".enableserialconsoleaccess.",
            ".serialconsoleaccess.enable.",
            "run command",
            ".process.create.",
        ),
        Row(
            .dataAccess,
            "get object",
            "select objectcontent",
            ".download.",
            ".export",
            ".share.file",
        ),
        Row(
            .discovery,
            "get accountauthorizationdetails",
            ".simulateprincipalpolicy.",
            "get accountsummary",
            "get costandusage",
            ".membership.list.",
            ".member.list.",
            ".directory.handle",
        ),
        Row(
            .resourceRead,
            ".get",
            ".list",
            ".describe",
            ".read",
            ".head",
            ".watch",
            ".query",
            ".search",
            ".lookup",
            ".view",
            ".log.",
            ".logs.",
        ),
        Row(
            .adminChange,
            ".create",
            ".update",
            ".delete",
            ".put",
            ".modify",
            ".patch",
            ".write",
            ".add",
            ".remove",
            ".set",
            ".attach",
            ".detach",
            ".associate",
            ".disassociate",
            ".start",
            ".stop",
            ".enable",
            ".disable",
            ".run",
            ".tag",
            ".publish",
            ".push",
            ".share.",
            ".merge",
            ".approve",
            ".authorize",
            ".revoke",
        ),
    ]
}
