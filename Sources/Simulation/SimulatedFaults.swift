internal import Primitives

extension SimulatedDisk.State {
    /// What the plan has in store for the next change.
    private enum Fate {
        case done, refused, doneButFailed, torn, dead
    }

    private mutating func nextFate() -> Fate {
        defer { self.operations += 1 }
        guard let plan = self.plan, self.operations >= plan.operation else { return .done }
        guard self.operations == plan.operation || plan.mode == .refusedFromThenOn else { return .done }
        self.fired = true
        switch plan.mode {
        case .refused, .refusedFromThenOn: return .refused
        case .appliedButFailed: return .doneButFailed
        case .tornWrite: return .torn
        case .powerCut: return .dead
        }
    }

    /// Carries out a change, or what the plan makes of it.
    ///
    /// `failing` happens instead when a change that is refused leaves traces, `tearing` when the power goes amid it.
    mutating func change<Result>(
        failing: ((inout Self) -> Void)? = nil,
        tearing: ((inout Self) -> Void)? = nil,
        _ apply: (inout Self) -> Result,
    ) throws(IndelibleError) -> Result {
        switch self.nextFate() {
        case .done:
            return apply(&self)
        case .refused:
            failing?(&self)
            throw IndelibleError(.internal, "The simulated disk refuses.")
        case .doneButFailed:
            _ = apply(&self)
            throw IndelibleError(.internal, "The simulated disk did it and says that it failed.")
        case .torn:
            tearing?(&self)
            self.powerCut()
            throw SimulatedDisk.powerless
        case .dead:
            self.powerCut()
            throw SimulatedDisk.powerless
        }
    }

    mutating func powerCut() {
        var random = self.random
        var before: [ObjectIdentifier: SimulatedInode] = [:]
        for inode in Array(self.names.files.values) + self.names.durableInodes {
            before[ObjectIdentifier(inode)] = inode
        }
        self.names.powerCut(&random)
        for inode in self.names.durableInodes {
            guard before.removeValue(forKey: ObjectIdentifier(inode)) != nil else { continue }
            inode.powerCut(&random)
        }
        self.random = random
        self.isDead = true
    }
}
