/// Numbers of a prompt's shape, by the names that the schema's text has.
enum ShapeFeature: String, Sendable {
    case length
    case entropy
    case foreign
    case digits
    case capitals
    case spaces
    case marks
    case longestWord = "longest_word"
    case lines

    func value(_ shape: TextShape) -> Int32 {
        switch self {
        case .length: shape.length
        case .entropy: shape.entropy
        case .foreign: shape.foreign
        case .digits: shape.digits
        case .capitals: shape.capitals
        case .spaces: shape.spaces
        case .marks: shape.marks
        case .longestWord: shape.longestWord
        case .lines: shape.lines
        }
    }
}

/// What of an actor's past is news, by the names that the schema's text has.
enum NoveltyFeature: String, Sendable {
    case address
    case agent
    case action
    case target
    case hour
    case place
    case network

    func value(_ seen: ActorState.Observation) -> ActorState.Observation.Novelty {
        switch self {
        case .address: seen.address
        case .agent: seen.agent
        case .action: seen.action
        case .target: seen.target
        case .hour: seen.hour
        case .place: seen.place
        case .network: seen.network
        }
    }
}

/// Numbers of an actor's past, by the names that the schema's text has.
enum ActorFeature: String, Sendable {
    case events
    case secondsSincePrevious = "seconds_since_previous"
    case addressCount = "addresses"
    case agentCount = "agents"
    case actionCount = "actions"
    case recentFailures = "recent_failures"
    case failureRun = "failure_run"
    case recentNovelties = "recent_novelties"
    case eventsThisMinute = "events_this_minute"
    case eventsThisHour = "events_this_hour"
    case secondsSinceAction = "seconds_since_action"
    case actionRarity = "action_rarity"
    case categoryRarity = "category_rarity"
    case hourRarity = "hour_rarity"
    case targetHabit = "target_habit"
    case amount
    case amountExcess = "amount_excess"
    case sameAction = "same_action"
    case actionRun = "action_run"
    case actionTargets = "action_targets"
    case sameActionFailures = "same_action_failures"
    case sameCategory = "same_category"
    case services
    case burst
    case agentChange = "agent_change"
    case addressChange = "address_change"

    func value(_ seen: ActorState.Observation) -> Int32 {
        switch self {
        case .events: seen.events
        case .secondsSincePrevious: seen.secondsSincePrevious
        case .addressCount: seen.addressCount
        case .agentCount: seen.agentCount
        case .actionCount: seen.actionCount
        case .recentFailures: seen.recentFailures
        case .failureRun: seen.failureRun
        case .recentNovelties: seen.recentNovelties
        case .eventsThisMinute: seen.eventsThisMinute
        case .eventsThisHour: seen.eventsThisHour
        case .secondsSinceAction: seen.secondsSinceAction
        case .actionRarity: seen.actionRarity
        case .categoryRarity: seen.categoryRarity
        case .hourRarity: seen.hourRarity
        case .targetHabit: seen.targetHabit
        case .amount: seen.amount
        case .amountExcess: seen.amountExcess
        case .sameAction: seen.sameAction
        case .actionRun: seen.actionRun
        case .actionTargets: seen.actionTargets
        case .sameActionFailures: seen.sameActionFailures
        case .sameCategory: seen.sameCategory
        case .services: seen.services
        case .burst: seen.burst
        case .agentChange: seen.agentChange
        case .addressChange: seen.addressChange
        }
    }
}
