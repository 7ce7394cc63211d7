import BoostedTrees
import Testing

/// Goal: raw margins equal the training library's to the last bit, and each row reaches the same leaves.
///
/// Method: every vector, every file format of it, the plain walk and the fast kernel.
@Suite(.enabled(if: SharedVectors.folder != nil, SharedVectors.absence))
struct ParityTests {
    @Test(arguments: SharedVectors.names("xgb_")) func agreesWithXGBoost(name: String) throws {
        let expected = try SharedVectors.Expectation(name)
        for file in expected.modelFiles {
            let model = try BoostedModel(try SharedVectors.bytes(file))
            guard case .single(let ensemble) = model.ensemble else {
                Issue.record("\(file) is not in single precision")
                continue
            }
            let rows = expected.rows.map { $0.map { Float(bitPattern: UInt32($0)) } }
            try Self.compare(ensemble, model, rows, expected, file) { UInt64($0.bitPattern) }
        }
    }

    @Test(arguments: SharedVectors.names("lgb_")) func agreesWithLightGBM(name: String) throws {
        let expected = try SharedVectors.Expectation(name)
        for file in expected.modelFiles {
            let model = try BoostedModel(try SharedVectors.bytes(file))
            guard case .double(let ensemble) = model.ensemble else {
                Issue.record("\(file) is not in double precision")
                continue
            }
            let rows = expected.rows.map { $0.map(Double.init(bitPattern:)) }
            try Self.compare(ensemble, model, rows, expected, file) { $0.bitPattern }
        }
    }

    @Test(arguments: SharedVectors.names("xgb_")) func jsonAndUBJSONHaveOneForm(name: String) throws {
        let models = try SharedVectors.Expectation(name).modelFiles.map { try BoostedModel(SharedVectors.bytes($0)) }
        #expect(Set(models.map(\.formHash)).count == 1)
        #expect(Set(models.map(\.fileHash)).count == models.count)
    }

    private static func compare<Scalar>(
        _ ensemble: TreeEnsemble<Scalar>,
        _ model: BoostedModel,
        _ rows: [[Scalar]],
        _ expected: SharedVectors.Expectation,
        _ file: String,
        bits: (Scalar) -> UInt64,
    ) throws {
        for method in RowScorer.Method.allCases {
            var scorer = RowScorer(model, method: method)
            let margins = scorer.margins(rows.joined().map { Double($0) }, rowCount: rows.count)
            #expect(Self.words(margins) == Array(expected.margins.joined()), "\(file), \(method)")
        }
        #expect(rows.count == expected.margins.count && !rows.isEmpty)
        for (index, row) in rows.enumerated() {
            let margins = ensemble.margins(row)
            #expect(margins.map(bits) == expected.margins[index], "\(file), row \(index)")
            #expect(ensemble.leaves(row) == expected.leaves[index], "\(file), row \(index)")
            let predictions = model.predictions(margins.map { Double($0) })
            #expect(predictions.count == expected.predictions[index].count, "\(file), row \(index)")
            for (prediction, word) in zip(predictions, expected.predictions[index]) {
                let reference =
                    expected.isSingle ? Double(Float(bitPattern: UInt32(word))) : Double(bitPattern: word)
                let error = abs(prediction - reference)
                #expect(error <= 1e-6 * max(1, abs(reference)), "\(file), row \(index)")
            }
        }
    }

    private static func words(_ margins: RowScorer.Margins) -> [UInt64] {
        switch margins {
        case .single(let values): values.map { UInt64($0.bitPattern) }
        case .double(let values): values.map(\.bitPattern)
        }
    }
}
