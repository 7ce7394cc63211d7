internal import JSONText

/// An AWS API call as CloudTrail records it (record contents, eventVersion 1.09).
struct CloudCall: Sendable {
    enum Subject: Sendable {
        case none, bucket, object, instance, role, user, secret, key, function, trail, policy, console
    }

    let service: String
    let name: String
    let isRead: Bool
    let subject: Subject
    /// The resource when a scenario wants a particular one.
    var resource: String?
    var errorCode: String?

    init(
        _ service: String,
        _ name: String,
        isRead: Bool = false,
        _ subject: Subject = .none,
        resource: String? = nil,
        errorCode: String? = nil,
    ) {
        self.service = service
        self.name = name
        self.isRead = isRead
        self.subject = subject
        self.resource = resource
        self.errorCode = errorCode
    }

    /// What each role does all day, the most frequent first.
    static func habits(of role: SimulatedActor.Role) -> [CloudCall] {
        switch role {
        case .engineer:
            [
                .init("ec2", "DescribeInstances", isRead: true, .none),
                .init("s3", "GetObject", isRead: true, .object),
                .init("logs", "FilterLogEvents", isRead: true),
                .init("lambda", "GetFunction", isRead: true, .function),
                .init("s3", "ListBuckets", isRead: true), .init("sts", "GetCallerIdentity", isRead: true),
                .init("s3", "PutObject", .object), .init("lambda", "UpdateFunctionCode", .function),
                .init("signin", "ConsoleLogin", .console), .init("ec2", "RunInstances", .instance),
                .init("secretsmanager", "GetSecretValue", isRead: true, .secret),
            ]
        case .operator_:
            [
                .init("iam", "ListUsers", isRead: true), .init("ec2", "DescribeSecurityGroups", isRead: true),
                .init("cloudtrail", "LookupEvents", isRead: true), .init("signin", "ConsoleLogin", .console),
                .init("iam", "GetRole", isRead: true, .role), .init("ec2", "StopInstances", .instance),
                .init("iam", "CreateUser", .user), .init("iam", "AttachRolePolicy", .role),
                .init("iam", "DeleteAccessKey", .user), .init("kms", "EnableKeyRotation", .key),
            ]
        case .analyst, .finance:
            [
                .init("athena", "GetQueryResults", isRead: true), .init("s3", "GetObject", isRead: true, .object),
                .init("s3", "ListObjects", isRead: true, .bucket), .init("signin", "ConsoleLogin", .console),
                .init("athena", "StartQueryExecution"), .init("ce", "GetCostAndUsage", isRead: true),
            ]
        case .support, .assistant:
            [
                .init("dynamodb", "GetItem", isRead: true), .init("s3", "GetObject", isRead: true, .object),
                .init("logs", "GetLogEvents", isRead: true), .init("signin", "ConsoleLogin", .console),
            ]
        case .deployer:
            [
                .init("lambda", "UpdateFunctionCode", .function), .init("sts", "AssumeRole", isRead: true, .role),
                .init("cloudformation", "DescribeStacks", isRead: true), .init("s3", "PutObject", .object),
                .init("ecr", "PutImage"), .init("cloudformation", "UpdateStack"),
            ]
        case .backup:
            [
                .init("s3", "GetObject", isRead: true, .object), .init("ec2", "CreateSnapshot", .instance),
                .init("s3", "ListObjects", isRead: true, .bucket), .init("kms", "GenerateDataKey", isRead: true, .key),
            ]
        case .pipeline, .website:
            [
                .init("s3", "GetObject", isRead: true, .object), .init("kms", "Decrypt", isRead: true, .key),
                .init("s3", "PutObject", .object), .init("secretsmanager", "GetSecretValue", isRead: true, .secret),
                .init("sts", "AssumeRole", isRead: true, .role),
            ]
        }
    }

    // MARK: - The record

    func write(
        _ step: SimulatedStep,
        _ time: UInt64,
        _ world: SimulatedWorld,
        _ generator: inout SeededGenerator,
    ) -> [UInt8] {
        let region = SimulatedWorld.regions[step.actor.taste % 2]
        let resource = self.resource ?? self.pickResource(step.actor, world, &generator)
        let isConsole = self.subject == .console
        let host = "\(self.service).\(region).amazonaws.com"
        var record = JSONObject()
        record.append("eventVersion", "1.09")
        record.append("userIdentity", .object(self.identity(step.actor, time, &generator)))
        record.append("eventTime", .string(Timestamp.text(time, digits: 0)))
        record.append("eventSource", .string("\(self.service).amazonaws.com"))
        record.append("eventName", .string(self.name))
        record.append("awsRegion", .string(region))
        record.append("sourceIPAddress", .string(step.address))
        record.append("userAgent", .string(isConsole ? step.actor.browser : step.actor.userAgent))
        if let code = self.errorCode {
            record.append("errorCode", .string(code))
            record.append("errorMessage", .string(Self.message(code, step.actor, "\(self.service):\(self.name)")))
        }
        record.append("requestParameters", self.parameters(resource, &generator))
        record.append("responseElements", self.response(resource, &generator))
        if isConsole {
            let mfa = generator.chance(perMille: step.label.kind == .abuse ? 600 : 60) ? "No" : "Yes"
            record.append(
                "additionalEventData",
                [
                    "LoginTo": "https://console.aws.amazon.com/console/home", "MobileVersion": "No",
                    "MFAUsed": .string(mfa),
                ],
            )
        }
        record.append("requestID", .string(generator.uuid()))
        record.append("eventID", .string(generator.uuid()))
        record.append("readOnly", .bool(self.isRead))
        if self.subject == .object || self.subject == .bucket {
            record.append("resources", .array(Self.storageResources(resource)))
        }
        record.append("eventType", isConsole ? "AwsConsoleSignIn" : "AwsApiCall")
        record.append("managementEvent", .bool(self.subject != .object))
        record.append("recipientAccountId", .string(SimulatedWorld.account))
        record.append("eventCategory", self.subject == .object ? "Data" : "Management")
        record.append(
            "tlsDetails",
            [
                "tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256",
                "clientProvidedHostHeader": .string(isConsole ? "signin.aws.amazon.com" : host),
            ],
        )
        return Array(JSONValue.object(record).text().utf8)
    }

    private static func message(_ code: String, _ actor: SimulatedActor, _ action: String) -> String {
        guard code == "AccessDenied" else { return "The request could not be completed: \(code)" }
        return "User: \(actor.arn) is not authorized to perform: \(action) because no identity-based policy allows it"
    }

    private func identity(
        _ actor: SimulatedActor,
        _ time: UInt64,
        _ generator: inout SeededGenerator,
    ) -> JSONObject {
        guard !actor.role.isPerson else {
            return JSONObject([
                "type": "IAMUser", "principalId": .string(actor.principal), "arn": .string(actor.arn),
                "accountId": .string(SimulatedWorld.account), "accessKeyId": .string(actor.accessKey),
                "userName": .string(actor.name),
            ])
        }
        let created = time - UInt64(generator.number(60...3600)) * 1_000_000_000
        return JSONObject([
            "type": "AssumedRole", "principalId": .string("\(actor.principal):\(actor.name)"),
            "arn": .string(actor.arn),
            "accountId": .string(SimulatedWorld.account), "accessKeyId": .string(actor.accessKey),
            "sessionContext": [
                "sessionIssuer": [
                    "type": "Role", "principalId": .string(actor.principal),
                    "arn": .string("arn:aws:iam::\(SimulatedWorld.account):role/\(actor.name)"),
                    "accountId": .string(SimulatedWorld.account), "userName": .string(actor.name),
                ],
                "attributes": [
                    "creationDate": .string(Timestamp.text(created, digits: 0)), "mfaAuthenticated": "false",
                ],
            ],
        ])
    }

    private func pickResource(
        _ actor: SimulatedActor,
        _ world: SimulatedWorld,
        _ generator: inout SeededGenerator,
    ) -> String {
        func favourite(_ choices: [String]) -> String {
            choices[(actor.taste + generator.zipf(choices.count)) % choices.count]
        }
        switch self.subject {
        case .bucket: return favourite(world.buckets)
        case .object:
            return
                "\(favourite(world.buckets))/\(generator.pick(world.tables))/part-\(generator.number(1000...9999)).csv"
        case .instance: return favourite(world.instances)
        case .secret: return favourite(world.secrets)
        case .key: return favourite(world.keys)
        case .function: return favourite(world.functions)
        case .role: return generator.pick(["ci-deployer", "etl-orders", "support-read", "billing-write"])
        case .user: return generator.pick(world.actors.filter(\.role.isPerson)).name
        case .trail: return "company-trail"
        case .policy: return "support-read-policy"
        case .none, .console: return ""
        }
    }

    private func parameters(_ resource: String, _ generator: inout SeededGenerator) -> JSONValue {
        let account = SimulatedWorld.account
        switch self.subject {
        case .none: return self.isRead ? ["maxResults": .number(JSONNumber(generator.number(1...10) * 10))] : nil
        case .console: return nil
        case .bucket: return ["bucketName": .string(resource), "Host": .string("\(resource).s3.amazonaws.com")]
        case .object:
            let parts = resource.split(separator: "/", maxSplits: 1).map(String.init)
            return ["bucketName": .string(parts[0]), "key": .string(parts.last ?? "")]
        case .instance:
            return self.name.hasPrefix("Create") || self.name.hasPrefix("Run")
                ? ["instanceId": .string(resource), "clientToken": .string(generator.uuid())]
                : ["instancesSet": ["items": [["instanceId": .string(resource)]]]]
        case .role:
            return ["roleArn": .string("arn:aws:iam::\(account):role/\(resource)"), "roleName": .string(resource)]
        case .user: return ["userName": .string(resource)]
        case .secret: return ["secretId": .string(resource)]
        case .key: return ["keyId": .string("arn:aws:kms:eu-central-1:\(account):key/\(resource)")]
        case .function: return ["functionName": .string(resource)]
        case .trail: return ["name": .string("arn:aws:cloudtrail:eu-central-1:\(account):trail/\(resource)")]
        case .policy:
            return ["userName": .string(resource), "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"]
        }
    }

    private func response(_ resource: String, _ generator: inout SeededGenerator) -> JSONValue {
        if self.subject == .console { return ["ConsoleLogin": self.errorCode == nil ? "Success" : "Failure"] }
        guard !self.isRead, self.errorCode == nil else { return nil }
        switch self.name {
        case "CreateAccessKey":
            return [
                "accessKey": [
                    "userName": .string(resource), "accessKeyId": .string("AKIA\(generator.upper(16))"),
                    "status": "Active",
                ]
            ]
        case "CreateUser": return ["user": ["userName": .string(resource), "path": "/"]]
        case "AssumeRole": return ["assumedRoleUser": ["assumedRoleId": .string("AROA\(generator.upper(17)):session")]]
        default: return nil
        }
    }

    private static func storageResources(_ resource: String) -> [JSONValue] {
        let bucket = String(resource.split(separator: "/").first ?? "")
        let owner: JSONValue = .string(SimulatedWorld.account)
        let bucketResource: JSONValue = [
            "accountId": owner, "type": "AWS::S3::Bucket", "ARN": .string("arn:aws:s3:::\(bucket)"),
        ]
        guard resource != bucket else { return [bucketResource] }
        return [["type": "AWS::S3::Object", "ARN": .string("arn:aws:s3:::\(resource)")], bucketResource]
    }
}

extension SimulatedActor {
    var arn: String {
        let account = SimulatedWorld.account
        return self.role.isPerson
            ? "arn:aws:iam::\(account):user/\(self.name)"
            : "arn:aws:sts::\(account):assumed-role/\(self.name)/\(self.name)"
    }
}
