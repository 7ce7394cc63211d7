internal import Primitives
internal import Synchronization

/// Roots at the right edge of the tree size that proofs were last asked for: every proof of that size needs one of them.
final class TreeEdgeCache: Sendable {
    private struct State {
        var size: UInt64 = 0
        /// By first leaf; at most one for each level.
        var roots: [UInt64: Digest] = [:]
    }

    private let state = Mutex(State())

    func find(_ leaves: Range<UInt64>) -> Digest? {
        self.state.withLock { $0.size == leaves.upperBound ? $0.roots[leaves.lowerBound] : nil }
    }

    func put(_ leaves: Range<UInt64>, _ root: Digest) {
        self.state.withLock { state in
            if state.size != leaves.upperBound {
                state.size = leaves.upperBound
                state.roots.removeAll(keepingCapacity: true)
            }
            state.roots[leaves.lowerBound] = root
        }
    }
}
