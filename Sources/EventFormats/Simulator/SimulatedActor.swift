/// A person, service or assistant with habits.
struct SimulatedActor: Sendable {
    enum Role: Int, Sendable, CaseIterable {
        case engineer, operator_, analyst, finance, support
        case deployer, backup, pipeline, website
        case assistant

        var isPerson: Bool { self.rawValue <= Role.support.rawValue }
        var name: String { self == .operator_ ? "operator" : "\(self)" }
    }

    let name: String
    let role: Role
    /// Where it mostly works from.
    let addresses: [String]
    let userAgent: String
    let browser: String
    let accessKey: String
    let principal: String
    /// First working hour in UTC; services work round the clock.
    let startHour: Int
    /// Numbers that tell its favourite resources from others' (``SimulatedWorld``).
    let taste: Int

    var email: String { "\(self.name)@\(SimulatedWorld.domain)" }

    func works(hour: Int, weekday: Int) -> Bool {
        !self.role.isPerson || (weekday < 5 && (hour - self.startHour + 24) % 24 < 10)
    }
}
