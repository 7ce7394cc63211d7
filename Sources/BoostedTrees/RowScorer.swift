/// Scores rows of any model, in the arithmetic of the library that trained it, with the kernel that suits its trees.
///
/// Not generic on purpose: what calls it from another module needs no specialisation of its own.
package struct RowScorer: Sendable {
    /// Raw margins of a batch, row by row, one per group.
    package enum Margins: Equatable, Sendable {
        case single([Float])
        case double([Double])
    }

    private enum Kernel: Sendable {
        case single(Batch<Float>)
        case double(Batch<Double>)
    }

    private var kernel: Kernel
    private let featureCount: Int

    package init(_ model: BoostedModel) {
        self.featureCount = model.featureCount
        switch model.ensemble {
        case .single(let ensemble): self.kernel = .single(Batch(ensemble))
        case .double(let ensemble): self.kernel = .double(Batch(ensemble))
        }
    }

    /// The raw margins of rows that lie one after the other.
    ///
    /// - Parameter values: `rowCount` times the model's features, NaN for a missing one. A model in single precision is
    ///   given them rounded to binary32, as its library rounds a table of binary64.
    package mutating func margins(_ values: [Double], rowCount: Int) -> Margins {
        precondition(values.count == rowCount * self.featureCount, "a row has one value per feature")
        switch self.kernel {
        case .single(var batch):
            defer { self.kernel = .single(batch) }
            return .single(batch.margins(values.map { Float($0) }, rowCount: rowCount))
        case .double(var batch):
            defer { self.kernel = .double(batch) }
            return .double(batch.margins(values, rowCount: rowCount))
        }
    }

    private struct Batch<Scalar: BinaryFloatingPoint & Sendable>: Sendable {
        private let ensemble: TreeEnsemble<Scalar>
        /// `nil` when a tree has too many leaves for it; then trees are walked.
        private let scorer: QuickScorer<Scalar>?
        private var scratch: QuickScorer<Scalar>.Scratch?

        init(_ ensemble: TreeEnsemble<Scalar>) {
            self.ensemble = ensemble
            self.scorer = QuickScorer(ensemble)
            self.scratch = self.scorer?.scratch()
        }

        mutating func margins(_ values: [Scalar], rowCount: Int) -> [Scalar] {
            let width = self.ensemble.featureCount
            var margins: [Scalar] = []
            margins.reserveCapacity(rowCount * self.ensemble.groupCount)
            for row in 0..<rowCount {
                let features = Array(values[row * width..<(row + 1) * width])
                if let scorer, var scratch = self.scratch.take() {
                    margins += scorer.margins(features, &scratch)
                    self.scratch = scratch
                } else {
                    margins += self.ensemble.margins(features)
                }
            }
            return margins
        }
    }
}
