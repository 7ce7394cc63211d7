internal import CTreeKernels

/// Trees compiled for blocks of rows: values become ranks once, then every split is tested for all rows of a block.
///
/// A rank is the number of thresholds below a value, so a byte per row replaces the value, and 16 to 64 rows are compared by
/// one instruction. Which way a missing value goes is part of its rank: where a feature's splits differ about that, it has a
/// column of ranks for either. Tests that are no comparison, such as categories, are columns of their own.
///
/// Equal to ``TreeEnsemble/margins(_:)`` bit for bit: the leaf is the same, and so is the order of the sum.
///
/// - SeeAlso: Ye and others, "RapidScorer: fast tree ensemble evaluation by maximizing compactness in data level
///   parallelization", KDD 2018.
struct BlockForest<Scalar: KernelScalar>: Sendable {
    /// Rows that are scored together.
    static var rowCountMax: Int { Int(IND_BLOCK_ROWS) }
    /// Bytes per row of a block; a model that needs more is scored row by row.
    static var columnCountMax: Int { 4096 }
    private static var bundleTreeCount: Int { Int(IND_BUNDLE_TREES) }

    /// A test that is evaluated row by row.
    private struct Irregular: Sendable {
        let node: TreeNode<Scalar>
        let column: Int
    }

    private let ensemble: TreeEnsemble<Scalar>
    private let rankings: KernelTable<ind_ranking>
    private let rankingCount: Int
    private let thresholds: KernelTable<Scalar>
    /// The same rounded down to binary32, for rows of binary32.
    private let singleThresholds: KernelTable<Float>
    private let irregular: [Irregular]
    private let columnCount: Int
    private let splits: KernelTable<ind_block_split>
    private let bundles: KernelTable<ind_block_bundle>
    private let trees: KernelTable<ind_block_tree>
    private let values: KernelTable<Scalar>

    /// What a block needs while it is scored.
    struct Scratch: Sendable {
        fileprivate var columns: [Int8]
        fileprivate var sums: [Scalar]
    }

    /// - Returns: `nil` when a tree has too many leaves, or rows would need too many columns.
    init?(_ ensemble: TreeEnsemble<Scalar>) {
        guard var columns = RankColumns(ensemble) else { return nil }
        let shapes = ensemble.trees.map { TreeShape(ensemble, $0) }
        guard shapes.allSatisfy({ $0.splitsByLevel.count <= Int(IND_BLOCK_SPLITS) }),
            ensemble.trees.allSatisfy({ $0.group <= Int(UInt16.max) && $0.leafWidth <= Int(UInt16.max) })
        else { return nil }
        var splits: [ind_block_split] = []
        var bundles: [ind_block_bundle] = []
        for first in stride(from: 0, to: shapes.count, by: Self.bundleTreeCount) {
            let bundle = shapes[first..<min(first + Self.bundleTreeCount, shapes.count)]
            let count = bundle.map(\.splitsByLevel.count).max() ?? 0
            bundles.append(ind_block_bundle(first: UInt32(splits.count), split_count: UInt32(count)))
            // Nothing is above the rank of a split that only fills up.
            let filler = ind_block_split(
                rank: 0x7f7f_7f7f,
                leaves: 0,
                column: 0,
                left: UInt16(count),
                right: UInt16(count),
            )
            let start = splits.count
            splits += [ind_block_split](repeating: filler, count: count * Self.bundleTreeCount)
            for (tree, shape) in zip(0..., bundle) {
                for (position, split) in zip(0..., Self.splits(ensemble, shape, leaf: count, &columns)) {
                    splits[start + position * Self.bundleTreeCount + tree] = split
                }
            }
        }
        guard columns.count <= Self.columnCountMax else { return nil }
        self.ensemble = ensemble
        self.rankings = KernelTable(columns.rankings)
        self.rankingCount = columns.rankings.count
        let slack = Int(IND_KERNEL_SLACK)
        self.thresholds = KernelTable(columns.thresholds, slack: slack, filler: .infinity)
        let singles = columns.thresholds.map { Scalar.single($0) }
        self.singleThresholds = KernelTable(singles, slack: slack, filler: .infinity)
        self.irregular = columns.irregular.map { Irregular(node: ensemble.nodes[$0.node], column: $0.column) }
        self.columnCount = columns.count
        self.splits = KernelTable(splits)
        self.bundles = KernelTable(bundles)
        self.trees = KernelTable(
            zip(ensemble.trees, shapes).map { tree, shape in
                ind_block_tree(
                    first_value: UInt32(shape.firstValue),
                    group: UInt16(tree.group),
                    leaf_width: UInt16(tree.leafWidth),
                    leaf_count: UInt32(shape.leafCount),
                )
            }
        )
        self.values = KernelTable(ensemble.leafValues, slack: slack, filler: 0)
    }

    /// The splits of one tree, level by level.
    private static func splits(
        _ ensemble: TreeEnsemble<Scalar>,
        _ shape: TreeShape,
        leaf: Int,
        _ columns: inout RankColumns<Scalar>,
    ) -> [ind_block_split] {
        var place: [Int: Int] = [:]
        for (position, node) in shape.splitsByLevel.enumerated() { place[node] = position }
        var splits: [ind_block_split] = []
        for position in shape.splitsByLevel {
            let node = ensemble.nodes[position]
            let (column, rank) = columns.place(position, node)
            splits.append(
                ind_block_split(
                    rank: UInt32(UInt8(bitPattern: rank)) &* 0x0101_0101,
                    leaves: UInt32(shape.leavesLeft(of: position)) &* 0x0101_0101,
                    column: UInt32(column),
                    left: UInt16(place[position + 1] ?? leaf),
                    right: UInt16(place[Int(node.right)] ?? leaf),
                )
            )
        }
        return splits
    }

    func scratch() -> Scratch {
        Scratch(
            columns: [Int8](repeating: 0, count: max(1, self.columnCount) * Self.rowCountMax),
            sums: [Scalar](repeating: 0, count: self.ensemble.groupCount * Self.rowCountMax),
        )
    }

    /// Appends the margins of up to ``rowCountMax`` rows.
    func append(_ rows: KernelRows, _ kernel: TreeKernel, _ scratch: inout Scratch, to margins: inout [Scalar]) {
        precondition(rows.count <= Self.rowCountMax && rows.stride == self.ensemble.featureCount)
        self.rank(rows, kernel, &scratch.columns)
        for group in 0..<self.ensemble.groupCount {
            let start = self.ensemble.startSum(group)
            for row in 0..<rows.count { scratch.sums[group * Self.rowCountMax + row] = start }
        }
        var forest = unsafe ind_block_forest(
            bundles: self.bundles.base,
            splits: self.splits.base,
            trees: self.trees.base,
            tree_count: self.ensemble.trees.count,
        )
        unsafe scratch.sums.withUnsafeMutableBufferPointer { sums in
            unsafe scratch.columns.withUnsafeBufferPointer { columns in
                guard let sums = sums.baseAddress, let columns = columns.baseAddress else { return }
                unsafe withUnsafePointer(to: &forest) { forest in
                    let call = unsafe BlockCall(
                        kernel: kernel,
                        forest: forest,
                        values: self.values.base,
                        columns: columns,
                        rowCount: rows.count,
                    )
                    unsafe Scalar.addBlock(call, to: sums)
                }
            }
        }
        for row in 0..<rows.count {
            for group in 0..<self.ensemble.groupCount {
                margins.append(self.ensemble.margin(scratch.sums[group * Self.rowCountMax + row], group))
            }
        }
    }

    private func rank(_ rows: KernelRows, _ kernel: TreeKernel, _ columns: inout [Int8]) {
        for test in self.irregular {
            for row in 0..<rows.count {
                let goesRight = self.ensemble.goesRight(test.node, rows.value(row, Int(test.node.feature)))
                columns[test.column * Self.rowCountMax + row] = goesRight ? RankColumns<Scalar>.right : .min
            }
        }
        unsafe columns.withUnsafeMutableBufferPointer { columns in
            guard let columns = columns.baseAddress else { return }
            switch unsafe rows.values {
            case .single(let values):
                unsafe ind_rank_f32(
                    kernel.kernel,
                    self.rankings.base,
                    self.rankingCount,
                    self.singleThresholds.base,
                    Float(TreeEnsemble<Scalar>.zeroMax),
                    values,
                    rows.stride,
                    rows.count,
                    columns,
                )
            case .double(let values):
                guard let thresholds = self.thresholds as? KernelTable<Double> else {
                    preconditionFailure("a model in binary32 is given rows of binary32")
                }
                unsafe ind_rank_f64(
                    self.rankings.base,
                    self.rankingCount,
                    thresholds.base,
                    Double(TreeEnsemble<Scalar>.zeroMax),
                    values,
                    rows.stride,
                    rows.count,
                    columns,
                )
            }
        }
    }
}
