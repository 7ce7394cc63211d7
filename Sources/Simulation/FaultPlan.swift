extension SimulatedDisk {
    /// One misfortune, at one operation that changes the disk.
    package struct FaultPlan: Sendable {
        package enum Mode: Sendable, CaseIterable {
            /// The operation does nothing and fails; those after it work.
            case refused
            /// That one and every later change does nothing and fails, as on a disk that became read-only.
            case refusedFromThenOn
            /// The operation is done, all the same it is reported to have failed.
            case appliedButFailed
            /// Some sectors of a write reach the disk, then the power goes. Other operations: as ``powerCut``.
            case tornWrite
            /// The power goes instead of the operation.
            case powerCut
        }

        /// Counted from 0 over everything that changes bytes, names or durability.
        package let operation: Int
        package let mode: Mode

        package init(operation: Int, mode: Mode) {
            self.operation = operation
            self.mode = mode
        }
    }
}
