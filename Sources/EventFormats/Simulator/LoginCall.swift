internal import JSONText

/// What an accounts service of our invented company logs of sign-ins and of what signed-in people do.
struct LoginCall: Sendable {
    let event: String
    var outcome = "success"
    var reason: String?
    var object: String?

    init(_ event: String, outcome: String = "success", reason: String? = nil, object: String? = nil) {
        self.event = event
        self.outcome = outcome
        self.reason = reason
        self.object = object
    }

    static func habits(of role: SimulatedActor.Role) -> [LoginCall] {
        let everyone: [LoginCall] = [
            .init("session.refresh"), .init("user.login"), .init("record.view"), .init("user.logout"),
            .init("user.login", outcome: "failure", reason: "bad_password"),
        ]
        switch role {
        case .operator_: return everyone + [.init("role.grant"), .init("user.unlock"), .init("user.password_reset")]
        case .finance: return everyone + [.init("payment.approve"), .init("report.download")]
        case .analyst: return everyone + [.init("report.download")]
        case .support: return everyone + [.init("record.update"), .init("refund.create")]
        default: return everyone + [.init("apikey.create"), .init("user.password_change")]
        }
    }

    func write(
        _ step: SimulatedStep,
        _ time: UInt64,
        _ world: SimulatedWorld,
        _ generator: inout SeededGenerator,
    ) -> [UInt8] {
        let actor = step.actor
        let object = self.object ?? "\(generator.pick(world.tables))/\(generator.number(10_000...99_999))"
        let isLogin = self.event == "user.login"
        var record = JSONObject()
        record.append("timestamp", .string(Timestamp.text(time, digits: 3)))
        record.append("level", self.outcome == "success" ? "info" : "warn")
        record.append("service", "accounts")
        record.append("event", .string(self.event))
        record.append("outcome", .string(self.outcome))
        if let reason = self.reason { record.append("reason", .string(reason)) }
        record.append(
            "actor",
            [
                "id": .string("u-\(actor.principal.suffix(6).lowercased())"), "email": .string(actor.email),
                "type": actor.role.isPerson ? "user" : actor.role == .assistant ? "agent" : "service",
                "department": .string(actor.role.name),
            ],
        )
        record.append(
            "target",
            isLogin || self.event.hasPrefix("session") || self.event == "user.logout"
                ? ["type": "application", "id": "backoffice"]
                : ["type": .string(String(self.event.split(separator: ".")[0])), "id": .string(object)],
        )
        record.append(
            "client",
            [
                "ip": .string(step.address), "user_agent": .string(actor.browser),
                "device": .string("d-\(actor.accessKey.suffix(8).lowercased())"),
            ],
        )
        if isLogin {
            let isWeak = generator.chance(perMille: step.label.kind == .abuse ? 600 : 60)
            let isStrong = actor.role.isPerson && !isWeak
            record.append("mfa", ["method": isStrong ? "webauthn" : "none", "passed": .bool(isStrong)])
        }
        record.append("session_id", .string("s-\(generator.hex(20))"))
        record.append("request_id", .string(generator.uuid()))
        return Array(JSONValue.object(record).text().utf8)
    }
}
