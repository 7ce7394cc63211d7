import Foundation
import JSONText
import Testing

extension RealProcesses {
    /// Goal: raw margins equal the training libraries' own, bit for bit.
    ///
    /// Method: XGBoost and LightGBM from PyPI train a few hundred random models, of every kind that we load, and score rows
    /// that lie on thresholds, beside them, and where values are missing, tiny or unknown categories; ONNX Runtime does with
    /// random ensembles of every operator and mode. `tools/interop/compare-margins` compares what `indelible model score`
    /// says, and its Shapley values with the libraries' `pred_contrib`, within 1e-5.
    @Suite(.enabled(if: Tool.isHere("python3"), "Python is not installed; tools/install test installs it"))
    struct ForeignMargins {
        static let tool = Program.inPackage("tools/interop/compare-margins")
        static let modelCount = 240
        static let rowCount = 64
        /// The first seed; give another with INDELIBLE_PARITY_SEED to try models that nobody has tried.
        static let seed = Environment.number("INDELIBLE_PARITY_SEED", otherwise: 1)
        /// What random models must not have missed.
        static let kinds = [
            "xgboost", "json", "ubj", "hist", "exact", "dart", "base_score", "parallel", "vector", "multi:softprob",
            "onnx", "classifier", "regressor", "ensemble5", "AVERAGE", "explained",
            "lightgbm", "multiclass", "rf", "missing=zero", "missing=nan", "missing=none", "categories",
        ]

        @Test func equalTheTrainingLibraries() async throws {
            let directory = try TestDirectory()
            let result = try await Program.run(
                Self.tool,
                [
                    "--indelible", Program.ours("indelible"), "--models", "\(Self.modelCount)", "--rows",
                    "\(Self.rowCount)", "--seed", "\(Self.seed)",
                ],
                in: directory,
            )
            let report = try result.json
            #expect(result.status == 0 && report["equal"]?.bool == true, "\(result)")
            #expect(report["combinations"]?.number?.int == Self.modelCount * Self.rowCount)
            for kind in Self.kinds { #expect(report["kinds"]?[kind]?.number?.int ?? 0 > 0, "no model was \(kind)") }
        }

        /// A comparison that always says yes would pass the test above.
        @Test(arguments: ["xgboost", "lightgbm", "onnx"]) func noticesOneWrongDigit(library: String) async throws {
            let directory = try TestDirectory()
            let wrong = directory.path("indelible")
            // Another last digit for the first row's first margin.
            let script = """
                #!/bin/sh
                set -e
                '\(try Program.ours("indelible"))' "$@" |
                    sed -E '1s/(margin_bits(64)?":\\["[0-9a-f]+)[0-9a-f]"/\\1x"/g'
                """
            try directory.write(Array(script.utf8), to: "indelible")
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: wrong)
            let result = try await Program.run(
                Self.tool,
                ["--indelible", wrong, "--models", "2", "--rows", "3", "--library", library],
                in: directory,
            )
            #expect(result.status == 1, "\(result)")
            #expect(try result.json["failure_count"]?.number?.int == 2)
            #expect(try result.json["failures"]?[0]?["first"]?.string?.hasPrefix("row 0 ") == true)
        }

        /// Goal: scripts can rely on the exit codes of `indelible model`, and on the place that a message names.
        @Test func badFilesAreNamed() async throws {
            let directory = try TestDirectory()
            let model = Program.inPackage("models/indelible-v1.json")
            try directory.write(Array("1,2\n".utf8), to: "rows.csv")
            try directory.write(Array("{\"learner\":\n 1 1}".utf8), to: "broken.json")
            let rows = directory.path("rows.csv")
            let broken = directory.path("broken.json")
            for (arguments, message) in [
                (["score", model, "--rows", rows, "--json"], "\(rows), line 1: the row has 2 cells where"),
                (["score", model, "--rows", directory.path("none.csv"), "--json"], directory.path("none.csv")),
                (["score", directory.path("none"), "--rows", rows, "--json"], directory.path("none")),
                (["score", broken, "--rows", rows, "--json"], "\(broken): "),
                (["inspect", broken], "line 2, column 4"),
                (["inspect", rows], "neither XGBoost JSON"),
                (["score", model], "--rows"),
            ] {
                let result = try await Program.run(Program.ours("indelible"), ["model"] + arguments, in: directory)
                #expect(result.status == 2 && result.output.isEmpty && result.errors.contains(message), "\(result)")
            }
        }
    }
}
