/// One thing that a simulated actor does; how it is written depends on its source.
struct SimulatedStep: Sendable {
    enum Deed: Sendable {
        case cloud(CloudCall)
        case cluster(ClusterCall)
        case login(LoginCall)
        case model(ModelCall)

        var source: SimulatedSource {
            switch self {
            case .cloud: .cloudtrail
            case .cluster: .k8s
            case .login: .app
            case .model: .genai
            }
        }
    }

    let actor: SimulatedActor
    let deed: Deed
    var address: String
    var label: SimulatedLabel

    init(_ actor: SimulatedActor, _ deed: Deed, from address: String, _ label: SimulatedLabel? = nil) {
        self.actor = actor
        self.deed = deed
        self.address = address
        self.label =
            label ?? SimulatedLabel(kind: .benign, scenario: "", category: deed.source.rawValue, actor: actor.name)
    }
}
