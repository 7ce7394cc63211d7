import AnalyzerCore
import AuditModel
import Testing

struct ActivityTableTests {
    static let rows: [(String, ActivityCategory)] = [
        ("genai.converse", .genAIUse), ("llm.tool.call", .genAIUse), ("cloudtrail.logging.stop", .defenseEvasion),
        ("cloudtrail.StopLogging", .defenseEvasion), ("organizations.leave_organization", .defenseEvasion),
        ("audit.log.delete", .defenseEvasion), ("log.audit.clear", .defenseEvasion),
        ("secretsmanager.secret_value.get", .secretsAccess), ("secretsmanager.GetSecretValue", .secretsAccess),
        ("k8s.secrets.list", .secretsAccess), ("kms.decrypt", .secretsAccess), ("kms.encrypt", .other),
        ("kms.GenerateDataKey", .other), ("vault.secret.read", .secretsAccess),
        ("ec2.snapshot_attribute.modify", .exfiltration), ("storage.object.share", .adminChange),
        ("ec2.instances.terminate", .impact), ("backup.snapshot.delete", .impact),
        ("iam.user_policy.attach", .privilegeChange), ("iam.role_policy.put", .privilegeChange),
        ("k8s.clusterrolebindings.create", .privilegeChange), ("iam.role.grant", .privilegeChange),
        ("iam.role.revoke", .identityChange),
        ("group.local.member.add", .privilegeChange), ("iam.user.create", .identityChange),
        ("iam.access_key.create", .identityChange), ("k8s.serviceaccounts.create", .identityChange),
        ("iam.mfa.reset", .identityChange), ("signin.console_login", .authentication),
        ("sso.session.login", .authentication), ("sts.role.assume", .authentication),
        ("logon.session.create", .authentication), ("ssm.send_command", .execution),
        ("k8s.pods.exec.create", .execution),
        ("process.create", .execution), ("s3.object.get", .dataAccess), ("bi.report.download", .dataAccess),
        ("iam.account_authorization_details.get", .discovery), ("iam.user.list", .resourceRead),
        ("ec2.instances.describe", .resourceRead), ("k8s.pods.list", .resourceRead), ("k8s.pod.logs", .resourceRead),
        ("k8s.deployments.update", .adminChange), ("s3.bucket_tagging.put", .adminChange), ("", .other),
        ("something", .other),
    ]

    @Test(arguments: rows) func knowsTheAction(action: String, category: ActivityCategory) {
        #expect(Self.category(action) == category)
    }

    @Test func fallsBackToTheClass() {
        #expect(Self.category("frobnicate", .create) == .adminChange)
        #expect(Self.category("frobnicate", .read) == .resourceRead)
        #expect(Self.category("frobnicate", .execute) == .execution)
        #expect(Self.category("frobnicate", .unknown) == .other)
        #expect(Self.category("frobnicate", .execute, AuditEvent.GenAI()) == .genAIUse)
    }

    private static func category(
        _ action: String,
        _ actionClass: AuditEvent.ActionClass = .unknown,
        _ genAI: AuditEvent.GenAI? = nil,
    ) -> ActivityCategory {
        var event = AuditEvent()
        event.action = action
        event.actionClass = actionClass
        event.genAI = genAI
        var hits = ActivityTable.v1.noHits
        return ActivityTable.v1.category(ofFoldedAction: EventFacts.foldedAction(action).span, event, &hits)
    }
}
