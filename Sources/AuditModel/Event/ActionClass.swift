extension AuditEvent {
    /// What kind of thing an action does.
    package enum ActionClass: UInt32, Sendable, CaseIterable {
        case unknown = 0
        case create = 1
        case read = 2
        case update = 3
        case delete = 4
        case execute = 5

        init(number: UInt32) { self = Self(rawValue: number) ?? .unknown }
    }
}
