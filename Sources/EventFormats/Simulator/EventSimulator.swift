/// Makes records in the true shape of each source, from a seed: the same on every machine and in every version of a
/// ``generation``.
///
/// A company of sixty people, six services and three assistants goes about its work: each has favourite resources, an
/// address, working hours. Scenarios run through it, a few at a time; the truth about each record is in its label, never in
/// the record.
package struct EventSimulator: Sendable {
    /// Changes whenever the same seed makes other bytes.
    package static let generation = 1

    /// Monday, 5 January 2026, 06:00 UTC, in nanoseconds since the Unix epoch.
    package static let defaultStart: UInt64 = 1_767_592_800_000_000_000

    /// Of a thousand records, how many begin a scenario.
    private static let scenarioPerMille = 6
    /// Of a thousand records, how many are a step of a scenario that runs.
    private static let stepPerMille = 350
    private static let scenariosAtOnce = 3

    private let mix: SimulatedMix
    private let scenarios: [SimulatedScenario]
    private let world: SimulatedWorld
    private var generator: SeededGenerator
    private var time: UInt64
    private var running: [[SimulatedStep]] = []
    private var runCount = 0

    package init(seed: UInt64, mix: SimulatedMix, start: UInt64 = Self.defaultStart) {
        var generator = SeededGenerator(seed: seed)
        self.world = SimulatedWorld(&generator)
        self.generator = generator
        self.mix = mix
        self.time = start
        let sources = Set(mix.weights.map(\.source))
        self.scenarios = SimulatedScenario.allCases.filter { $0.sources.isSubset(of: sources) }
    }

    /// The next record; there is always one.
    package mutating func next() -> SimulatedRecord {
        self.advance()
        let step = self.scenarioStep() ?? self.backgroundStep()
        let bytes =
            switch step.deed {
            case .cloud(let call): call.write(step, self.time, self.world, &self.generator)
            case .cluster(let call): call.write(step, self.time, self.world, &self.generator)
            case .login(let call): call.write(step, self.time, self.world, &self.generator)
            case .model(let call): call.write(step, self.time, self.world, &self.generator)
            }
        return SimulatedRecord(bytes: bytes, label: step.label)
    }

    /// Nights and week-ends are slower.
    private mutating func advance() {
        let now = Timestamp.hourAndWeekday(self.time)
        let isBusy = now.weekday < 5 && (6..<19).contains(now.hour)
        let milliseconds = self.generator.number(20...(isBusy ? 4000 : 24_000))
        self.time += UInt64(milliseconds) * 1_000_000 + UInt64(self.generator.below(1_000_000))
    }

    private mutating func scenarioStep() -> SimulatedStep? {
        if self.running.count < Self.scenariosAtOnce, self.generator.chance(perMille: Self.scenarioPerMille) {
            self.runCount += 1
            let scenario = self.generator.pick(self.scenarios)
            self.running.append(scenario.steps(run: self.runCount, self.world, &self.generator))
        }
        guard !self.running.isEmpty, self.generator.chance(perMille: Self.stepPerMille) else { return nil }
        let position = self.generator.below(self.running.count)
        let step = self.running[position].removeFirst()
        if self.running[position].isEmpty { self.running.remove(at: position) }
        return step
    }

    private mutating func backgroundStep() -> SimulatedStep {
        let source = self.mix.weights[self.generator.weighted(self.mix.weights.map(\.weight))].source
        let actor = self.backgroundActor(source)
        let address = self.generator.chance(perMille: 850) ? actor.addresses[0] : self.generator.pick(actor.addresses)
        return SimulatedStep(actor, self.everydayDeed(source, actor), from: address)
    }

    /// Someone at work now; services fill the nights.
    private mutating func backgroundActor(_ source: SimulatedSource) -> SimulatedActor {
        let now = Timestamp.hourAndWeekday(self.time)
        let candidates = self.world.actors.filter { actor in
            let speaks =
                switch source {
                case .cloudtrail, .k8s: actor.role != .assistant
                case .app: actor.role.isPerson || actor.role == .assistant
                case .genai: actor.role.isPerson || actor.role == .assistant
                }
            return speaks && actor.works(hour: now.hour, weekday: now.weekday)
        }
        let people = candidates.filter(\.role.isPerson)
        let machines = candidates.filter { !$0.role.isPerson }
        let wantsMachine = self.generator.chance(perMille: source == .app ? 100 : 450)
        return self.generator.habit(machines.isEmpty || !people.isEmpty && !wantsMachine ? people : machines)
    }

    private mutating func everydayDeed(_ source: SimulatedSource, _ actor: SimulatedActor) -> SimulatedStep.Deed {
        switch source {
        case .cloudtrail:
            var call = self.habit(CloudCall.habits(of: actor.role), of: actor)
            if self.generator.chance(perMille: 12) { call.errorCode = "AccessDenied" }
            return .cloud(call)
        case .k8s:
            var call = self.habit(ClusterCall.habits(of: actor.role), of: actor)
            if self.generator.chance(perMille: 8) { call.code = 403 }
            return .cluster(call)
        case .app: return .login(self.habit(LoginCall.habits(of: actor.role), of: actor))
        case .genai: return .model(ModelCall.everyday(actor.role, self.world, &self.generator))
        }
    }

    /// What the role does most, a little different for each actor.
    private mutating func habit<Call>(_ calls: [Call], of actor: SimulatedActor) -> Call {
        let position = self.generator.zipf(calls.count)
        return calls[self.generator.chance(perMille: 700) ? position : (position + actor.taste) % calls.count]
    }
}
