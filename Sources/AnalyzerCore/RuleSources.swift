package import Primitives
package import SigmaRules

extension RuleSource {
    /// What rules may be about: the log sources of public rules, and the formats in which their records come here.
    ///
    /// Okta's system log and GitHub's audit log come as JSON without a format of their own; their rules look at no other
    /// source's fields.
    package static let all = [
        RuleSource(
            product: "aws",
            services: ["cloudtrail"],
            formats: ["aws.cloudtrail"],
            actorFields: ["userIdentity.arn"],
        ),
        RuleSource(
            product: "kubernetes",
            services: ["audit"],
            formats: ["k8s.audit"],
            actorFields: ["user.username"],
        ),
        RuleSource(
            product: "okta",
            services: ["okta", ""],
            formats: ["app.json"],
            actorFields: ["actor.id", "actor.alternateId", "actor.alternateid"],
        ),
        RuleSource(
            product: "github",
            services: ["audit"],
            formats: ["app.json", "github.webhook"],
            actorFields: ["actor", "sender.login"],
        ),
        RuleSource(
            product: "windows",
            services: ["security"],
            formats: ["windows.security"],
            actorFields: ["SubjectUserSid", "SubjectUserName", "TargetUserSid", "TargetUserName"],
            roots: ["EventData.", "ExtraEventData.", "Event."],
        ),
    ]
}

extension RuleSet {
    /// Compiles files of rules about the sources that events here may be of.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when a rule is refused, or there is none: a rule that is left out in
    ///   silence is a hit that nobody sees.
    package static func strict(_ files: [File]) throws(IndelibleError) -> RuleSet {
        let (set, refusals) = try Self.compile(files, sources: RuleSource.all)
        if let first = refusals.first {
            let others = refusals.count > 1 ? " \(refusals.count - 1) more are refused." : ""
            throw IndelibleError(
                .invalidArgument,
                "\(first.file):\(first.line): \(first.message)\(others) `indelible rules check` lists them all.",
            )
        }
        guard !set.rules.isEmpty else {
            throw IndelibleError(.invalidArgument, "There is no rule in the folder. Put .yml files there.")
        }
        return set
    }
}
