import Foundation
import JSONText
import Testing

extension RealProcesses {
    /// Goal: the tools that make the next model keep what their pages promise, and refuse labels that would poison it.
    ///
    /// Method: `tools/train/run check` holds them to small data of its own, made from a seed.
    @Suite(.enabled(if: Tool.isHere("python3"), "Python is not installed; tools/install test installs it"))
    struct Training {
        static let tool = Program.inPackage("tools/train/run")

        /// Labelled events that are not part of this repository.
        static let data: String? = {
            let folder =
                ProcessInfo.processInfo.environment["INDELIBLE_SHARED"].map { URL(filePath: $0) }
                ?? URL(filePath: Program.inPackage("../shared"))
            let data = folder.appending(path: "data").standardizedFileURL.path()
            return FileManager.default.fileExists(atPath: data) ? data : nil
        }()

        private static func check(_ arguments: [String]) async throws -> JSONValue {
            let result = try await Program.run(Self.tool, ["check"] + arguments, in: try TestDirectory())
            #expect(result.status == 0, "\(result)")
            return try result.json
        }

        @Test func toolsKeepTheirPromises() async throws {
            let report = try await Self.check([])
            #expect(report["failures"]?.array == [])
            let passed = try #require(report["passed"]?.array).compactMap(\.string)
            #expect(Set(passed).isSuperset(of: ["poisoned_labels_are_refused", "honest_labels_are_taken"]))
        }

        /// A model that looks better than it is has found out which rows come from where, and so which are attacks.
        @Test(.enabled(if: Self.data != nil, "no labelled events: set INDELIBLE_SHARED to the folder that holds data"))
        func noFeatureTellsWhichDataSetARowIsFrom() async throws {
            let data = try #require(Self.data)
            let report = try await Self.check(["--data", data, "--indelible", try Program.ours("indelible")])
            #expect(report["failures"]?.array == [])
            #expect(report["features"]?.number?.int ?? 0 > 100)
            // The check sees a leak where there is one.
            #expect(report["unused_that_tell"]?.array?.isEmpty == false)
        }
    }
}
