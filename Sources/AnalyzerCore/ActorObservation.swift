extension ActorState {
    /// What an event looks like in the light of the actor's earlier ones.
    package struct Observation: Equatable, Sendable {
        /// 0 without enough history, 1 for seen before, 2 for new.
        package enum Novelty: Int32, Sendable {
            case unknown = 0
            case seen = 1
            case new = 2
        }

        package init() {}

        /// Index + 1 of the actor's event before; 0 when there is none.
        package var previousIndex: UInt64 = 0
        /// All of the following are features.
        package var events: Int32 = 0
        package var secondsSincePrevious: Int32 = 0
        package var address = Novelty.unknown
        package var agent = Novelty.unknown
        package var action = Novelty.unknown
        package var target = Novelty.unknown
        package var hour = Novelty.unknown
        package var place = Novelty.unknown
        package var network = Novelty.unknown
        package var addressCount: Int32 = 0
        package var agentCount: Int32 = 0
        package var actionCount: Int32 = 0
        /// Failures among the 16 events before.
        package var recentFailures: Int32 = 0
        /// Failures without a success between, directly before this event.
        package var failureRun: Int32 = 0
        /// Events among the 16 before that did something new.
        package var recentNovelties: Int32 = 0
        package var eventsThisMinute: Int32 = 0
        package var eventsThisHour: Int32 = 0
        /// Magnitude of the time since this action was last done, plus one; 0 when it never was.
        package var secondsSinceAction: Int32 = 0
        /// How much rarer the action, its category and its hour are than four in one; 0 without enough history.
        package var actionRarity: Int32 = 0
        package var categoryRarity: Int32 = 0
        package var hourRarity: Int32 = 0
        /// How often this target was seen before; 0 without enough history, else 1 to 4.
        package var targetHabit: Int32 = 0
        /// Magnitude of the bytes moved, and how far above the actor's habit it lies; 0 for none.
        package var amount: Int32 = 0
        package var amountExcess: Int32 = 0
        /// Of the 16 events before: with the same action, in an unbroken run of it, its different targets, its failures.
        package var sameAction: Int32 = 0
        package var actionRun: Int32 = 0
        package var actionTargets: Int32 = 0
        package var sameActionFailures: Int32 = 0
        /// Of the 16 events before: of the same category, different services, in the last ten seconds.
        package var sameCategory: Int32 = 0
        package var services: Int32 = 0
        package var burst: Int32 = 0
        /// 0 without an event before, 1 for the same agent or address as then, 2 for another.
        package var agentChange: Int32 = 0
        package var addressChange: Int32 = 0

        mutating func take(_ echo: RecentEvents.Echo) {
            self.sameAction = echo.sameAction
            self.actionRun = echo.actionRun
            self.actionTargets = echo.actionTargets
            self.sameActionFailures = echo.sameActionFailures
            self.sameCategory = echo.sameCategory
            self.services = echo.services
            self.burst = echo.burst
            self.agentChange = echo.agentChange
            self.addressChange = echo.addressChange
        }
    }
}
