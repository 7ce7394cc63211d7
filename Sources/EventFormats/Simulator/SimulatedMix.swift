/// Which sources a simulation speaks for.
package enum SimulatedMix: String, Sendable, CaseIterable {
    case cloudtrail
    case k8s
    case app
    case genai
    case all

    /// Sources and how often each one speaks, in per cent.
    var weights: [(source: SimulatedSource, weight: Int)] {
        switch self {
        case .cloudtrail: [(.cloudtrail, 100)]
        case .k8s: [(.k8s, 100)]
        case .app: [(.app, 100)]
        case .genai: [(.genai, 100)]
        case .all: [(.cloudtrail, 40), (.k8s, 25), (.app, 20), (.genai, 15)]
        }
    }
}

enum SimulatedSource: String, Sendable {
    case cloudtrail
    case k8s
    case app
    case genai
}

/// What is true of a simulated record; never part of the record.
package struct SimulatedLabel: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case benign
        /// Harmless, but it looks like abuse: an operator on call at night, a backup that reads everything.
        case hardNegative = "hard_negative"
        case abuse
    }

    package let kind: Kind
    /// Such as `log_tampering/3`: the scenario and which run of it; empty for the background.
    package let scenario: String
    package let category: String
    package let actor: String

    package init(kind: Kind, scenario: String, category: String, actor: String) {
        self.kind = kind
        self.scenario = scenario
        self.category = category
        self.actor = actor
    }
}

/// One line of a simulation, and the truth about it.
package struct SimulatedRecord: Sendable, Equatable {
    /// JSON without the line end.
    package let bytes: [UInt8]
    package let label: SimulatedLabel
}
