internal import CTreeKernels

/// A type that margins are summed in, with the C functions for it.
protocol KernelScalar: BinaryFloatingPoint, BitwiseCopyable, Sendable {
    typealias Sums = UnsafeMutablePointer<Self>

    /// The largest binary32 that is not above `threshold`: a binary32 is above the one exactly when it is above the other.
    static func single(_ threshold: Self) -> Float

    @unsafe static func addBlock(_ call: BlockCall<Self>, to sums: Sums)

    @unsafe static func addLevels(_ call: LevelCall<Self>, to sums: Sums)

    @unsafe static func addQuickly(_ call: QuickCall<Self>, to sums: Sums)
}

/// What the block functions are given.
@unsafe struct BlockCall<Scalar> {
    let kernel: TreeKernel
    let forest: UnsafePointer<ind_block_forest>
    let values: UnsafePointer<Scalar>
    let columns: UnsafePointer<Int8>
    let rowCount: Int
}

/// What the functions over padded levels are given.
@unsafe struct LevelCall<Scalar> {
    let splits: UnsafePointer<ind_level_split>
    let treeCount: Int
    let depth: Int
    let groups: UnsafePointer<UInt16>
    let values: UnsafePointer<Scalar>
    let keys: UnsafePointer<Int32>
}

/// What the QuickScorer functions are given; `row` has one row.
@unsafe struct QuickCall<Scalar> {
    let forest: UnsafePointer<ind_quick_forest>
    /// In the model's own precision, for rows of that precision.
    let thresholds: UnsafePointer<Scalar>
    /// For rows of binary32.
    let singleThresholds: UnsafePointer<Float>
    let values: UnsafePointer<Scalar>
    let holding: UnsafePointer<UInt32>?
    let holdingCount: Int
    let row: KernelRows
    /// Words of 64 bits rather than 32.
    let isWide: Bool
    /// Eight bytes for each tree.
    let words: UnsafeMutableRawPointer
}

extension Float: KernelScalar {
    static func single(_ threshold: Float) -> Float { threshold }

    @unsafe static func addBlock(_ call: BlockCall<Float>, to sums: Sums) {
        unsafe ind_block_sums_f32(
            call.kernel.kernel,
            call.forest,
            call.values,
            call.columns,
            call.rowCount,
            sums,
        )
    }

    @unsafe static func addLevels(_ call: LevelCall<Float>, to sums: Sums) {
        unsafe ind_level_sums_f32(
            call.splits,
            call.treeCount,
            UInt32(call.depth),
            call.groups,
            call.values,
            call.keys,
            sums,
        )
    }

    @unsafe static func addQuickly(_ call: QuickCall<Float>, to sums: Sums) {
        guard case .single(let row) = unsafe call.row.values else {
            preconditionFailure("a model in binary32 is given rows of binary32")
        }
        if unsafe call.isWide {
            unsafe ind_quick64_f32(
                call.forest,
                call.thresholds,
                call.values,
                call.holding,
                call.holdingCount,
                row,
                call.words.assumingMemoryBound(to: UInt64.self),
                sums,
            )
        } else {
            unsafe ind_quick32_f32(
                call.forest,
                call.thresholds,
                call.values,
                call.holding,
                call.holdingCount,
                row,
                call.words.assumingMemoryBound(to: UInt32.self),
                sums,
            )
        }
    }
}

extension Double: KernelScalar {
    static func single(_ threshold: Double) -> Float {
        let nearest = Float(threshold)
        return Double(nearest) > threshold ? nearest.nextDown : nearest
    }

    @unsafe static func addBlock(_ call: BlockCall<Double>, to sums: Sums) {
        unsafe ind_block_sums_f64(
            call.kernel.kernel,
            call.forest,
            call.values,
            call.columns,
            call.rowCount,
            sums,
        )
    }

    @unsafe static func addLevels(_ call: LevelCall<Double>, to sums: Sums) {
        unsafe ind_level_sums_f64(
            call.splits,
            call.treeCount,
            UInt32(call.depth),
            call.groups,
            call.values,
            call.keys,
            sums,
        )
    }

    @unsafe static func addQuickly(_ call: QuickCall<Double>, to sums: Sums) {
        let words32 = unsafe call.words.assumingMemoryBound(to: UInt32.self)
        let words64 = unsafe call.words.assumingMemoryBound(to: UInt64.self)
        switch unsafe (call.row.values, call.isWide) {
        case (.single(let row), false):
            unsafe ind_quick32_f32_f64(
                call.forest,
                call.singleThresholds,
                call.values,
                call.holding,
                call.holdingCount,
                row,
                words32,
                sums,
            )
        case (.single(let row), true):
            unsafe ind_quick64_f32_f64(
                call.forest,
                call.singleThresholds,
                call.values,
                call.holding,
                call.holdingCount,
                row,
                words64,
                sums,
            )
        case (.double(let row), false):
            unsafe ind_quick32_f64(
                call.forest,
                call.thresholds,
                call.values,
                call.holding,
                call.holdingCount,
                row,
                words32,
                sums,
            )
        case (.double(let row), true):
            unsafe ind_quick64_f64(
                call.forest,
                call.thresholds,
                call.values,
                call.holding,
                call.holdingCount,
                row,
                words64,
                sums,
            )
        }
    }
}
