internal import JSONText

/// A request to a Kubernetes API server as its audit log records it (audit.k8s.io/v1).
struct ClusterCall: Sendable {
    let verb: String
    let resource: String
    let subresource: String?
    let group: String
    var namespace: String?
    var code = 200

    init(
        _ verb: String,
        _ resource: String,
        _ subresource: String? = nil,
        group: String = "",
        namespace: String? = nil,
        code: Int = 200,
    ) {
        self.verb = verb
        self.resource = resource
        self.subresource = subresource
        self.group = group
        self.namespace = namespace
        self.code = code
    }

    static func habits(of role: SimulatedActor.Role) -> [ClusterCall] {
        switch role {
        case .deployer:
            [
                .init("patch", "deployments", group: "apps"), .init("get", "deployments", group: "apps"),
                .init("create", "configmaps", code: 201), .init("list", "pods"), .init("update", "services"),
                .init("delete", "jobs", group: "batch"),
            ]
        case .pipeline, .website, .backup, .assistant:
            [
                .init("watch", "endpoints"), .init("get", "configmaps"),
                .init("update", "leases", group: "coordination.k8s.io"),
                .init("list", "pods"), .init("get", "secrets"),
            ]
        case .operator_:
            [
                .init("list", "nodes"), .init("get", "pods"), .init("get", "pods", "log"), .init("list", "events"),
                .init("patch", "deployments", "scale", group: "apps"), .init("create", "pods", "exec", code: 101),
                .init("create", "rolebindings", group: "rbac.authorization.k8s.io", code: 201),
            ]
        case .engineer, .analyst, .finance, .support:
            [
                .init("list", "pods"), .init("get", "pods", "log"), .init("get", "deployments", group: "apps"),
                .init("watch", "pods"), .init("list", "services"), .init("create", "pods", "portforward", code: 101),
                .init("delete", "pods"),
            ]
        }
    }

    func write(
        _ step: SimulatedStep,
        _ time: UInt64,
        _ world: SimulatedWorld,
        _ generator: inout SeededGenerator,
    ) -> [UInt8] {
        let actor = step.actor
        let isClusterWide = self.resource == "nodes"
        let namespace = self.namespace ?? world.namespaces[(actor.taste + generator.zipf(4)) % world.namespaces.count]
        let workload = world.workloads[(actor.taste + generator.zipf(world.workloads.count)) % world.workloads.count]
        let isNamed = !["list", "watch"].contains(self.verb)
        let name = self.resource == "pods" ? "\(workload)-\(generator.hex(9))-\(generator.hex(5))" : workload
        var reference = JSONObject()
        reference.append("resource", .string(self.resource))
        if !isClusterWide { reference.append("namespace", .string(namespace)) }
        if isNamed { reference.append("name", .string(name)) }
        if !self.group.isEmpty { reference.append("apiGroup", .string(self.group)) }
        reference.append("apiVersion", "v1")
        if let subresource = self.subresource { reference.append("subresource", .string(subresource)) }
        let microseconds = generator.number(900...40_000)
        let isForbidden = self.code == 403
        var record = JSONObject()
        record.append("kind", "Event")
        record.append("apiVersion", "audit.k8s.io/v1")
        record.append("level", isNamed && self.verb != "get" ? "Request" : "Metadata")
        record.append("auditID", .string(generator.uuid()))
        record.append("stage", "ResponseComplete")
        record.append(
            "requestURI",
            .string(self.uri(namespace: isClusterWide ? nil : namespace, name: isNamed ? name : nil)),
        )
        record.append("verb", .string(self.verb))
        record.append("user", self.user(actor, namespace))
        record.append("sourceIPs", [.string(step.address)])
        record.append(
            "userAgent",
            .string(actor.role.isPerson ? "kubectl/v1.34.1 (linux/amd64) kubernetes/93248f9" : "\(actor.name)/v2.7.0"),
        )
        record.append("objectRef", .object(reference))
        record.append("responseStatus", self.status(isForbidden))
        record.append("requestReceivedTimestamp", .string(Timestamp.text(time, digits: 6)))
        record.append("stageTimestamp", .string(Timestamp.text(time + UInt64(microseconds) * 1000, digits: 6)))
        record.append(
            "annotations",
            [
                "authorization.k8s.io/decision": isForbidden ? "forbid" : "allow",
                "authorization.k8s.io/reason": .string(
                    isForbidden
                        ? ""
                        : "RBAC: allowed by ClusterRoleBinding \"\(actor.role.name)s\" of ClusterRole \"\(actor.role.name)\""
                ),
            ],
        )
        return Array(JSONValue.object(record).text().utf8)
    }

    private func status(_ isForbidden: Bool) -> JSONValue {
        guard isForbidden else { return ["metadata": [:], "code": .number(JSONNumber(self.code))] }
        return ["metadata": [:], "status": "Failure", "reason": "Forbidden", "code": 403]
    }

    private func user(_ actor: SimulatedActor, _ namespace: String) -> JSONValue {
        guard !actor.role.isPerson else {
            return [
                "username": .string(actor.email), "uid": .string(actor.principal),
                "groups": [.string("\(actor.role.name)s"), "system:authenticated"],
            ]
        }
        let account = "system:serviceaccount:platform:\(actor.name)"
        return [
            "username": .string(account), "uid": .string(actor.principal),
            "groups": ["system:serviceaccounts", "system:serviceaccounts:platform", "system:authenticated"],
        ]
    }

    private func uri(namespace: String?, name: String?) -> String {
        var path = self.group.isEmpty ? "/api/v1" : "/apis/\(self.group)/v1"
        if let namespace { path += "/namespaces/\(namespace)" }
        path += "/\(self.resource)"
        if let name { path += "/\(name)" }
        if let subresource = self.subresource { path += "/\(subresource)" }
        return self.verb == "watch" ? path + "?watch=true&timeoutSeconds=420" : path
    }
}
