/// Scores rows of any model, in the arithmetic of the library that trained it, with the kernel that suits its trees and the
/// number of rows.
///
/// Not generic on purpose: what calls it from another module needs no specialisation of its own.
package struct RowScorer: Sendable {
    /// Raw margins of a batch, row by row, one per group.
    package enum Margins: Equatable, Sendable {
        case single([Float])
        case double([Double])
    }

    /// Ways to find leaves, all with the same bits.
    package enum Method: String, CaseIterable, Sendable {
        /// Tree by tree, node by node: any model.
        case walk
        /// One row, a word of leaves per tree: trees of up to 64 leaves.
        case quick
        /// One row of binary32, trees padded to one depth.
        case levels
        /// Up to 64 rows at once: trees of up to 256 leaves.
        case blocks
    }

    private enum Kernel: Sendable {
        case single(BatchScorer<Float>)
        case double(BatchScorer<Double>)
    }

    private var kernel: Kernel
    private let featureCount: Int

    /// - Parameters:
    ///   - kernel: The instructions for blocks.
    ///   - method: The only one to use, where it suits the model and the rows; `nil` for the fastest.
    package init(_ model: BoostedModel, kernel: TreeKernel = .best, method: Method? = nil) {
        self.featureCount = model.featureCount
        switch model.ensemble {
        case .single(let ensemble):
            self.kernel = .single(BatchScorer(ensemble, kernel: kernel, method: method))
        case .double(let ensemble):
            self.kernel = .double(BatchScorer(ensemble, kernel: kernel, method: method))
        }
    }

    /// The way that rows of binary32 are scored when so many come at once.
    package func method(rowCount: Int) -> Method {
        switch self.kernel {
        case .single(let batch): batch.method(rowCount: rowCount, areSingle: true)
        case .double(let batch): batch.method(rowCount: rowCount, areSingle: true)
        }
    }

    /// The raw margins of rows that lie one after the other.
    ///
    /// - Parameter values: `rowCount` times the model's features, NaN for a missing one. A model in single precision is
    ///   given them rounded to binary32, as its library rounds a table of binary64.
    package mutating func margins(_ values: [Double], rowCount: Int) -> Margins {
        switch self.kernel {
        case .single: return self.margins(values.map { Float($0) }, rowCount: rowCount)
        case .double(var batch):
            self.check(values.count, rowCount)
            defer { self.kernel = .double(batch) }
            return unsafe values.withUnsafeBufferPointer { values in
                guard let base = values.baseAddress else { return .double([]) }
                return unsafe .double(batch.margins(self.rows(.double(base), rowCount)))
            }
        }
    }

    /// The raw margins of rows of binary32 that lie one after the other.
    ///
    /// - Parameter values: `rowCount` times the model's features, NaN for a missing one.
    package mutating func margins(_ values: [Float], rowCount: Int) -> Margins {
        self.margins(values.span, rowCount: rowCount)
    }

    /// As ``margins(_:rowCount:)-(_,Int)``, for rows that are part of something larger.
    package mutating func margins(_ values: Span<Float>, rowCount: Int) -> Margins {
        self.check(values.count, rowCount)
        return unsafe values.withUnsafeBufferPointer { values in
            let base = unsafe values.baseAddress ?? UnsafePointer(bitPattern: 8)
            guard let base = unsafe base else { return .single([]) }
            let rows = unsafe self.rows(.single(base), rowCount)
            switch self.kernel {
            case .single(var batch):
                defer { self.kernel = .single(batch) }
                return .single(batch.margins(rows))
            case .double(var batch):
                defer { self.kernel = .double(batch) }
                return .double(batch.margins(rows))
            }
        }
    }

    private func check(_ valueCount: Int, _ rowCount: Int) {
        precondition(valueCount == rowCount * self.featureCount, "a row has one value per feature")
    }

    private func rows(_ values: KernelRows.Values, _ count: Int) -> KernelRows {
        unsafe KernelRows(values: values, stride: self.featureCount, count: count)
    }
}
