internal import CTreeKernels

/// Shallow trees, all padded to one depth: the fast kernel for single rows of binary32.
///
/// The walk down such a tree has no branches, only positions that double, so the walks of several trees overlap. Values
/// become integers in the same order, with a missing value below or above all of them, as each split wants it.
///
/// Equal to ``TreeEnsemble/margins(_:)`` bit for bit.
struct LevelForest<Scalar: KernelScalar>: Sendable {
    /// Deeper trees are mostly padding.
    static var depthMax: Int { 8 }
    /// Padded leaves for each leaf that the model has.
    static var paddingMax: Int { 4 }

    private let ensemble: TreeEnsemble<Scalar>
    private let depth: Int
    private let splits: KernelTable<ind_level_split>
    private let groups: KernelTable<UInt16>
    private let values: KernelTable<Scalar>

    /// What a row needs while it is scored.
    struct Scratch: Sendable {
        fileprivate var keys: [Int32]
        fileprivate var sums: [Scalar]
    }

    /// - Returns: `nil` for trees that are deep or of uneven depth, with vector leaves, or with tests that are no comparison.
    init?(_ ensemble: TreeEnsemble<Scalar>) {
        let depth = ensemble.trees.map { TreeShape(ensemble, $0).depth }.max() ?? 0
        let leafCount = ensemble.nodes.count { $0.kind == .leaf }
        guard depth <= Self.depthMax, ensemble.trees.count << depth <= Self.paddingMax * leafCount,
            ensemble.nodes.allSatisfy({ $0.kind == .leaf || $0.kind == .above }),
            ensemble.trees.allSatisfy({ $0.leafWidth == 1 && $0.group <= Int(UInt16.max) })
        else { return nil }
        let padding = ind_level_split(key: .max, column: 0)
        var splits = [ind_level_split](repeating: padding, count: ensemble.trees.count << depth)
        var values = [Scalar](repeating: 0, count: ensemble.trees.count << depth)
        for (index, tree) in ensemble.trees.enumerated() {
            let first = index << depth
            /// Nodes, and where they stand: a leaf fills what is below it.
            var pending = [(node: tree.root, level: 0, place: 1)]
            while let (position, level, place) = pending.popLast() {
                let node = ensemble.nodes[position]
                guard node.kind != .leaf else {
                    let span = 1 << (depth - level)
                    let start = place * span - 1 << depth
                    for leaf in start..<start + span {
                        values[first + leaf] = ensemble.leafValues[Int(node.feature)]
                    }
                    continue
                }
                splits[first + place] = ind_level_split(
                    key: ind_level_key(Scalar.single(node.threshold)),
                    column: 2 * node.feature + (node.missingGoesRight ? 1 : 0),
                )
                pending.append((Int(node.right), level + 1, 2 * place + 1))
                pending.append((position + 1, level + 1, 2 * place))
            }
        }
        self.ensemble = ensemble
        self.depth = depth
        self.splits = KernelTable(splits)
        self.groups = KernelTable(ensemble.trees.map { UInt16($0.group) })
        self.values = KernelTable(values)
    }

    func scratch() -> Scratch {
        Scratch(
            keys: [Int32](repeating: 0, count: max(1, 2 * self.ensemble.featureCount)),
            sums: [Scalar](repeating: 0, count: self.ensemble.groupCount),
        )
    }

    /// Appends the margins of one row of binary32.
    func append(_ row: KernelRows, _ scratch: inout Scratch, to margins: inout [Scalar]) {
        precondition(row.count == 1 && row.stride == self.ensemble.featureCount, "a row has one value per feature")
        guard case .single(let features) = unsafe row.values else {
            preconditionFailure("keys are made of binary32")
        }
        for group in scratch.sums.indices { scratch.sums[group] = self.ensemble.startSum(group) }
        unsafe scratch.keys.withUnsafeMutableBufferPointer { keys in
            unsafe scratch.sums.withUnsafeMutableBufferPointer { sums in
                guard let keys = keys.baseAddress, let sums = sums.baseAddress else { return }
                unsafe ind_level_keys(features, self.ensemble.featureCount, keys)
                let call = unsafe LevelCall(
                    splits: self.splits.base,
                    treeCount: self.ensemble.trees.count,
                    depth: self.depth,
                    groups: self.groups.base,
                    values: self.values.base,
                    keys: keys,
                )
                unsafe Scalar.addLevels(call, to: sums)
            }
        }
        for group in scratch.sums.indices { margins.append(self.ensemble.margin(scratch.sums[group], group)) }
    }
}
