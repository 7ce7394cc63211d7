import BoostedTrees
import Primitives
import Testing

/// Goal: ONNX files give what ONNX Runtime gave, and hostile ones an error within bounded memory.
///
/// Method: the vectors; then every prefix, damage to every byte, and counts that the file does not pay for.
@Suite(.enabled(if: SharedVectors.folder != nil, SharedVectors.absence))
struct ONNXTests {
    /// Which output of the runtime our predictions are, per vector.
    @Test(arguments: SharedVectors.names("onnx_")) func agreesWithTheRuntime(name: String) throws {
        let expected = try SharedVectors.ONNXExpectation(name)
        let model = try BoostedModel(try SharedVectors.bytes("\(name).onnx"))
        #expect(model.format == .onnx)
        for method in RowScorer.Method.allCases {
            var scorer = RowScorer(model, method: method)
            for (row, outputs) in zip(expected.rows, expected.outputs) {
                guard case .single(let margins) = scorer.margins(row, rowCount: 1) else {
                    Issue.record("ONNX models are in single precision")
                    return
                }
                let predictions = model.predictions(margins.map(Double.init))
                // Two labels and one score: the runtime gives the probabilities of both.
                for (prediction, output) in zip(predictions, outputs.suffix(predictions.count)) {
                    #expect(abs(prediction - output) <= 1e-6 * max(1, abs(output)), "\(name), \(method)")
                }
            }
        }
        #expect(!expected.rows.isEmpty && expected.rows.count == expected.outputs.count)
    }

    @Test(arguments: ["onnx_modes", "onnx_treeensemble5_member"]) func refusesEveryPrefix(name: String) throws {
        let bytes = try SharedVectors.bytes("\(name).onnx")
        var accepted = 0
        for length in bytes.indices {
            do { accepted += try BoostedModel(Array(bytes[..<length])).treeCount > 0 ? 1 : 0 } catch { continue }
        }
        // What follows the graph is the version of the operators only.
        #expect(accepted <= 40)
    }

    @Test(arguments: ["onnx_modes", "onnx_treeensemble5_member"]) func survivesEveryDamagedByte(name: String) throws {
        var random = SplitMix64(seed: 11)
        let bytes = try SharedVectors.bytes("\(name).onnx")
        var refused = 0
        for position in bytes.indices {
            var damaged = bytes
            damaged[position] = UInt8.random(in: .min ... .max, using: &random)
            do {
                let model = try BoostedModel(damaged)
                var scorer = RowScorer(model)
                let row = [Float](repeating: 1, count: model.featureCount)
                #expect(scorer.margins(row, rowCount: 1) != .single([]))
            } catch { refused += 1 }
        }
        #expect(refused > bytes.count / 8)
    }

    @Test(
        arguments: [
            [0x08, 0x08, 0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f],  // A graph of 4 GB.
            [0x08, 0x08, 0x3a, 0x00],  // No node.
            [0x08, 0x08],
            [0x08] + [UInt8](repeating: 0xff, count: 20),
        ] as [[UInt8]]
    ) func refusesClaimsThatTheFileDoesNotPay(bytes: [UInt8]) {
        let error = #expect(throws: IndelibleError.self) { try BoostedModel(bytes) }
        #expect(error?.code == .invalidArgument)
    }
}
