internal import AuditModel
internal import JSONText
internal import Primitives

/// An AWS CloudTrail record (record contents reference, eventVersion 1.02 to 1.11).
struct CloudTrailRecord {
    let event: AuditEvent

    /// - Throws: ``IndelibleError/Code/invalidArgument`` when the fields are missing that every record has.
    init(_ record: JSONObject) throws(IndelibleError) {
        guard let eventSource = record["eventSource"]?.string, let eventName = record["eventName"]?.string else {
            throw IndelibleError(.invalidArgument, "not a CloudTrail record: eventSource or eventName is missing")
        }
        let service = String(eventSource.split(separator: ".").first ?? "aws")
        var event = AuditEvent()
        event.occurredNanoseconds = record["eventTime"]?.string.flatMap(Timestamp.nanoseconds) ?? 0
        event.source = Self.source(record)
        event.actor = Self.actor(record)
        event.action = ActionName.verbLast(service: service, name: eventName)
        event.actionClass =
            record["readOnly"]?.bool == true || record["readOnly"]?.string == "true"
            ? .read : ActionName.actionClass(eventName)
        event.targets = Self.targets(record, service: service, eventSource: eventSource)
        event.outcome = Self.outcome(record)
        event.origin = AuditEvent.Origin(
            address: record["sourceIPAddress"]?.string ?? "",
            userAgent: record["userAgent"]?.string ?? "",
            session: record["userIdentity"]?["accessKeyId"]?.string ?? "",
            trace: record["requestID"]?.scalarText ?? "",
        )
        event.attributes = Self.attributes(record)
        self.event = event
    }

    private static func source(_ record: JSONObject) -> String {
        let account = record["recipientAccountId"]?.scalarText ?? record["userIdentity"]?["accountId"]?.scalarText
        return account.map { "aws.cloudtrail/\($0)" } ?? "aws.cloudtrail"
    }

    /// Events that a service makes by itself (AwsServiceEvent) may have no identity; the service is their actor.
    private static func actor(_ record: JSONObject) -> AuditEvent.Actor {
        guard let identity = record["userIdentity"]?.object, !identity.isEmpty else {
            let isService = record["eventType"]?.string == "AwsServiceEvent"
            let other = isService ? record["eventSource"] : record["recipientAccountId"] ?? record["sourceIPAddress"]
            return AuditEvent.Actor(id: other?.scalarText ?? "", kind: isService ? .system : .unknown)
        }
        let type = identity["type"]?.string ?? ""
        let issuer = identity["sessionContext"]?["sessionIssuer"]
        let names = [
            identity["arn"], identity["principalId"], identity["invokedBy"], identity["userName"], issuer?["arn"],
            identity["identityProvider"], identity["accountId"], identity["type"],
        ]
        let id = names.lazy.compactMap { $0?.scalarText }.first { !$0.isEmpty } ?? ""
        let kind: AuditEvent.Actor.Kind =
            switch type {
            case "IAMUser", "Root", "SAMLUser", "WebIdentityUser", "IdentityCenterUser", "FederatedUser", "Directory":
                .user
            case "AssumedRole", "Role": id.contains("AWSReservedSSO_") ? .user : .service
            case "AWSService": .system
            case "AWSAccount": .service
            default: identity["userName"] == nil ? .unknown : .user
            }
        let display = identity["userName"]?.string ?? issuer?["userName"]?.string ?? ""
        return AuditEvent.Actor(id: id, kind: kind, display: display)
    }

    private static func outcome(_ record: JSONObject) -> AuditEvent.Outcome {
        let reason = record["errorMessage"]?.string ?? ""
        if let code = record["errorCode"]?.string, !code.isEmpty {
            let isDenied = ["Denied", "Unauthorized", "Forbidden", "NotAuthorized"].contains { code.contains($0) }
            return AuditEvent.Outcome(isDenied ? .denied : .failure, code: code, reason: reason)
        }
        let login = record["responseElements"]?["ConsoleLogin"]?.string
        return AuditEvent.Outcome(login == "Failure" || !reason.isEmpty ? .failure : .success, reason: reason)
    }

    // MARK: - Targets

    /// Parameters that name what a call is about, the most telling first.
    private static let targetParameters = [
        "bucketName", "roleArn", "roleName", "instanceId", "functionName", "secretId", "keyId", "snapshotId",
        "dBSnapshotIdentifier",
        "dBInstanceIdentifier", "userName", "groupName", "policyArn", "policyName", "trailName", "name", "groupId",
        "detectorId", "modelId", "accessKeyId", "imageId", "volumeId", "vpcId", "tableName", "queueUrl", "topicArn",
        "repositoryName", "clusterName", "stackName", "domainName", "parameterName", "logGroupName", "accountId", "arn",
    ]

    private static func targets(
        _ record: JSONObject,
        service: String,
        eventSource: String,
    ) -> [AuditEvent.Target] {
        let resources = (record["resources"]?.array ?? []).compactMap { resource -> AuditEvent.Target? in
            let name = resource["ARN"]?.string ?? resource["arn"]?.string ?? resource["ARNPrefix"]?.string
            guard let name, !name.isEmpty else { return nil }
            let type = resource["type"]?.string.map { ActionName.words($0).dropFirst().joined(separator: "_") }
            return AuditEvent.Target(kind: "aws.\(type ?? service)", id: name)
        }
        if !resources.isEmpty { return resources }
        let parameters = record["requestParameters"]?.object ?? JSONObject()
        if let target = Self.target(parameters, service: service) { return [target] }
        return [AuditEvent.Target(kind: "aws.service", id: eventSource)]
    }

    private static func target(_ parameters: JSONObject, service: String) -> AuditEvent.Target? {
        if let bucket = parameters["bucketName"]?.string, let key = parameters["key"]?.string {
            return AuditEvent.Target(kind: "aws.s3.object", id: "\(bucket)/\(key)")
        }
        for name in Self.targetParameters {
            guard let value = parameters[name]?.scalarText, !value.isEmpty else { continue }
            return AuditEvent.Target(kind: Self.kind(service, name), id: value)
        }
        if let instance = parameters["instancesSet"]?["items"]?[0]?["instanceId"]?.string {
            return AuditEvent.Target(kind: Self.kind(service, "instanceId"), id: instance)
        }
        for member in parameters.members where Self.namesThing(member.key) {
            guard let value = member.value.scalarText, !value.isEmpty else { continue }
            return AuditEvent.Target(kind: Self.kind(service, member.key), id: value)
        }
        return nil
    }

    private static func namesThing(_ parameter: String) -> Bool {
        guard let last = ActionName.words(parameter).last else { return false }
        return ["name", "id", "arn", "identifier", "url"].contains(last)
    }

    /// `roleName` of `iam` is about an `aws.iam.role`.
    private static func kind(_ service: String, _ parameter: String) -> String {
        let words = ActionName.words(parameter).filter { !["name", "id", "arn", "identifier", "url"].contains($0) }
        return words.isEmpty ? "aws.\(service)" : "aws.\(service).\(words.joined(separator: "_"))"
    }

    // MARK: - Attributes

    private static func attributes(_ record: JSONObject) -> [AuditEvent.Attribute] {
        let session = record["userIdentity"]?["sessionContext"]?["attributes"]
        let details: [(String, JSONValue?)] = [
            ("aws.region", record["awsRegion"]), ("aws.event_id", record["eventID"]),
            ("aws.event_type", record["eventType"]), ("aws.event_category", record["eventCategory"]),
            ("aws.read_only", record["readOnly"]), ("aws.account", record["recipientAccountId"]),
            ("aws.mfa", session?["mfaAuthenticated"] ?? record["additionalEventData"]?["MFAUsed"]),
            ("aws.vpc_endpoint", record["vpcEndpointId"]), ("aws.tls", record["tlsDetails"]?["tlsVersion"]),
        ]
        return AuditEvent.Attribute.list(details)
    }
}

extension AuditEvent.Attribute {
    /// Those of `details` that have a value.
    static func list(_ details: [(String, JSONValue?)]) -> [AuditEvent.Attribute] {
        details.compactMap { key, value in
            guard let text = value?.scalarText, !text.isEmpty else { return nil }
            return AuditEvent.Attribute(key: key, value: text)
        }
    }
}
