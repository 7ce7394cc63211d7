/// Scores batches of one ensemble's rows.
struct BatchScorer<Scalar: KernelScalar>: Sendable {
    private let ensemble: TreeEnsemble<Scalar>
    private let kernel: TreeKernel
    private let forced: RowScorer.Method?
    private let levels: LevelForest<Scalar>?
    private let quick: QuickScorer<Scalar>?
    private let blocks: BlockForest<Scalar>?
    private var levelScratch: LevelForest<Scalar>.Scratch?
    private var quickScratch: QuickScorer<Scalar>.Scratch?
    private var blockScratch: BlockForest<Scalar>.Scratch?

    init(_ ensemble: TreeEnsemble<Scalar>, kernel: TreeKernel, method: RowScorer.Method?) {
        func allows(_ one: RowScorer.Method) -> Bool { method == nil || method == one }
        self.ensemble = ensemble
        self.kernel = kernel
        self.forced = method
        self.levels = allows(.levels) ? LevelForest(ensemble) : nil
        self.quick = allows(.quick) ? QuickScorer(ensemble) : nil
        self.blocks = allows(.blocks) ? BlockForest(ensemble) : nil
        self.levelScratch = self.levels?.scratch()
        self.quickScratch = self.quick?.scratch()
        self.blockScratch = self.blocks?.scratch()
    }

    /// Fewer rows than this are scored one by one, as a block costs the same however full it is.
    ///
    /// Measured by `tools/bench/scoring`: docs/performance.md.
    private var blockRowCountMin: Int {
        if self.forced == .blocks { return 1 }
        return self.levels == nil ? 6 : 16
    }

    func method(rowCount: Int, areSingle: Bool) -> RowScorer.Method {
        if self.blocks != nil, rowCount >= self.blockRowCountMin { return .blocks }
        if self.levels != nil, areSingle { return .levels }
        if self.quick != nil { return .quick }
        return .walk
    }

    mutating func margins(_ rows: KernelRows) -> [Scalar] {
        var margins: [Scalar] = []
        margins.reserveCapacity(rows.count * self.ensemble.groupCount)
        var first = 0
        while first < rows.count {
            let count = min(rows.count - first, BlockForest<Scalar>.rowCountMax)
            self.append(rows.rows(from: first, count: count), to: &margins)
            first += count
        }
        return margins
    }

    /// - Precondition: no more rows than a block has.
    private mutating func append(_ rows: KernelRows, to margins: inout [Scalar]) {
        switch self.method(rowCount: rows.count, areSingle: rows.areSingle) {
        case .blocks:
            guard let blocks, var scratch = self.blockScratch.take() else { return }
            blocks.append(rows, self.kernel, &scratch, to: &margins)
            self.blockScratch = scratch
        case .levels:
            guard let levels, var scratch = self.levelScratch.take() else { return }
            for row in 0..<rows.count { levels.append(rows.rows(from: row, count: 1), &scratch, to: &margins) }
            self.levelScratch = scratch
        case .quick:
            guard let quick, var scratch = self.quickScratch.take() else { return }
            for row in 0..<rows.count { quick.append(rows.rows(from: row, count: 1), &scratch, to: &margins) }
            self.quickScratch = scratch
        case .walk:
            for row in 0..<rows.count {
                margins += self.ensemble.margins((0..<rows.stride).map { rows.value(row, $0) })
            }
        }
    }
}
