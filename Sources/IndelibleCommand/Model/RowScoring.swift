import ArgumentParser
package import BoostedTrees
package import Primitives

/// Scores the rows of a table as its text comes in: a batch of rows is held, never the table.
package struct RowScoring {
    /// Whether the first row names columns.
    package enum Header: String, CaseIterable, ExpressibleByArgument, Sendable {
        /// It does when one of its cells is no number, or when its cells are the model's feature names.
        case auto
        case yes
        case no
    }

    /// Rows scored at once.
    package static let batchRowCountMax = 1024
    /// Values scored at once, unless a single row has more.
    package static let batchValueCountMax = 1 << 16

    private let model: BoostedModel
    private let file: String
    private let header: Header
    private var reader: CSVReader
    private var scorer: RowScorer
    private let explanation: Explanation?
    /// `nil` before the first row.
    package private(set) var columns: FeatureColumns?
    private var values: [Double] = []
    private var pendingCount = 0
    /// Rows given out so far.
    package private(set) var rowCount = 0

    /// How rows are explained beside being scored.
    package typealias Explanation = (explainer: ModelExplainer, method: ModelExplainer.Method)

    /// - Parameters:
    ///   - file: its name, for messages.
    ///   - explanation: `nil` to score only.
    package init(model: BoostedModel, file: String, header: Header = .auto, explanation: Explanation? = nil) {
        self.explanation = explanation
        self.model = model
        self.file = file
        self.header = header
        self.reader = CSVReader(name: file)
        self.scorer = RowScorer(model)
    }

    /// Reads on; `emit` is given each row's number and margins, in order.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` with file, line and column. Rows before it have been given out.
    package mutating func read(
        _ bytes: ArraySlice<UInt8>,
        _ emit: (ScoredRow) -> Void,
    ) throws(IndelibleError) {
        var reader = self.reader
        defer { self.reader = reader }
        try reader.read(bytes) { (row) throws(IndelibleError) in try self.takeOrFlush(row, emit) }
    }

    /// Scores what is left.
    ///
    /// - Throws: as ``read(_:_:)``.
    package mutating func finish(_ emit: (ScoredRow) -> Void) throws(IndelibleError) {
        var reader = self.reader
        try reader.finish { (row) throws(IndelibleError) in try self.takeOrFlush(row, emit) }
        self.flush(emit)
    }

    /// Rows before a bad one are given out all the same.
    private mutating func takeOrFlush(_ row: CSVReader.Row, _ emit: (ScoredRow) -> Void) throws(IndelibleError) {
        do {
            try self.take(row)
        } catch {
            self.values.removeSubrange((self.pendingCount * self.model.featureCount)...)
            self.flush(emit)
            throw error
        }
        if self.pendingCount >= Self.batchRowCountMax || self.values.count >= Self.batchValueCountMax {
            self.flush(emit)
        }
    }

    private mutating func take(_ row: CSVReader.Row) throws(IndelibleError) {
        let columns: FeatureColumns
        if let known = self.columns {
            columns = known
        } else {
            let isHeader = self.isHeader(row)
            columns =
                isHeader
                ? try FeatureColumns(
                    header: (0..<row.count).map(row.text),
                    model: self.model,
                    file: self.file,
                    line: row.line,
                )
                : FeatureColumns(count: self.model.featureCount)
            self.columns = columns
            if isHeader { return }
        }
        guard row.count == columns.columnCount else {
            throw IndelibleError(
                .invalidArgument,
                "\(self.file), line \(row.line): the row has \(row.count) cells where \(columns.columnCount) belong.",
            )
        }
        for column in columns.columns { self.values.append(try self.value(row, column)) }
        self.pendingCount += 1
    }

    private func isHeader(_ row: CSVReader.Row) -> Bool {
        switch self.header {
        case .yes: return true
        case .no: return false
        case .auto:
            let names = Set(self.model.featureNames)
            let areNames = !names.isEmpty && names.isSubset(of: (0..<row.count).map(row.text))
            return areNames || (0..<row.count).contains { DecimalCell(row[$0]) == .text }
        }
    }

    private var refusesInfinity: Bool {
        switch self.model.format {
        case .xgboostJSON, .xgboostUBJSON: true
        case .lightGBM, .onnx: false
        }
    }

    /// NaN when it is missing.
    private func value(_ row: CSVReader.Row, _ column: Int) throws(IndelibleError) -> Double {
        switch DecimalCell(row[column]) {
        case .missing: return .nan
        case .text:
            let shown = row.text(column).prefix(40)
            throw .cell(
                self.file,
                line: row.line,
                column: column + 1,
                "\"\(shown)\" is no number; leave a missing value empty",
            )
        case .number(let value):
            if self.refusesInfinity, Float(value).isInfinite {
                throw .cell(
                    self.file,
                    line: row.line,
                    column: column + 1,
                    "\(row.text(column).prefix(40)) is beyond binary32, which XGBoost refuses",
                )
            }
            return value
        }
    }

    private mutating func flush(_ emit: (ScoredRow) -> Void) {
        guard self.pendingCount > 0 else { return }
        let margins = self.scorer.margins(self.values, rowCount: self.pendingCount)
        let width = self.model.groupCount
        for row in 0..<self.pendingCount {
            let range = row * width..<(row + 1) * width
            let features = row * self.model.featureCount..<(row + 1) * self.model.featureCount
            let explained = self.explanation.map {
                $0.explainer.contributions(Array(self.values[features]), $0.method)
            }
            let scored: RowScorer.Margins
            switch margins {
            case .single(let values): scored = .single(Array(values[range]))
            case .double(let values): scored = .double(Array(values[range]))
            }
            emit(ScoredRow(number: self.rowCount, margins: scored, contributions: explained))
            self.rowCount += 1
        }
        self.values.removeAll(keepingCapacity: true)
        self.pendingCount = 0
    }
}
