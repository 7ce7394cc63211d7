import Foundation
import JSONText
import Testing

extension RealProcesses {
    /// Goal: masking finds what it looks for, and little else.
    ///
    /// Method: `tools/masking/measure` makes labelled texts with Faker from PyPI and compares what `indelible mask` leaves of them.
    @Suite(.enabled(if: Tool.isHere("python3"), "Python is not installed; tools/install test installs it"))
    struct MaskingMeasure {
        static let tool = Program.inPackage("tools/masking/measure")
        static let types = [
            "email", "phone", "card", "iban", "national_id", "ip", "jwt", "private_key", "api_key", "secret",
        ]
        /// Another seed than the detectors were made with; give one with INDELIBLE_MASKING_SEED to try texts that nobody has tried.
        static let seed = Environment.number("INDELIBLE_MASKING_SEED", otherwise: 2)

        @Test func isPreciseAndComplete() async throws {
            let directory = try TestDirectory()
            let result = try await Program.run(
                Self.tool,
                [
                    "--indelible", Program.ours("indelible"), "--seed", "\(Self.seed)", "--count", "250", "--mistakes",
                    "40",
                ],
                in: directory,
            )
            let report = try result.json
            #expect(result.status == 0, "\(result)")
            #expect(report["cases"]?.number?.int == 3_250)
            for type in Self.types {
                let figures = try #require(report["types"]?[type])
                #expect(figures["precision"]?.number?.double ?? 0 >= 0.98, "\(type): \(figures.text())")
                #expect(figures["recall"]?.number?.double ?? 0 >= 0.95, "\(type): \(figures.text())")
            }
        }

        /// A measure that always says yes would pass the test above.
        @Test func noticesAMaskerThatFindsNothing() async throws {
            let directory = try TestDirectory()
            let script = """
                #!/bin/sh
                for file; do :; done
                sed 's/\\\\/\\\\\\\\/g; s/"/\\\\"/g; s/.*/{"text":"&","spans":[]}/' "$file"
                """
            try directory.write(Array(script.utf8), to: "indelible")
            let blind = directory.path("indelible")
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: blind)
            let result = try await Program.run(Self.tool, ["--indelible", blind, "--count", "5"], in: directory)
            #expect(result.status == 1, "\(result)")
            #expect(try result.json["types"]?["email"]?["recall"]?.number?.double == 0)
        }

        /// Goal: what is sealed can be opened by who has the vault, until the subject is erased.
        @Test func sealedValuesOpenUntilTheirSubjectIsErased() async throws {
            let directory = try TestDirectory()
            let rules = #"{"version":1,"rules":[{"name":"who","content":"email","action":"encrypt"}]}"#
            try directory.write(Array(rules.utf8), to: "rules.json")
            try directory.write(Array("from ann@example.org\n".utf8), to: "text")
            let vault = directory.path("vault")
            let masked = try await Program.indelible(
                "mask",
                "--masking",
                directory.path("rules.json"),
                "--vault",
                vault,
                directory.path("text"),
                in: directory,
            )
            let token = String(masked.output.dropFirst(5).dropLast())
            #expect(masked.status == 0 && token.hasPrefix("[masked:who:sealed:"), "\(masked)")
            let shown = try await Program.indelible("vault", "reveal", "--vault", vault, token, in: directory)
            #expect(shown.output == "ann@example.org\n", "\(shown)")
            let erased = try await Program.indelible(
                "vault",
                "erase",
                "--vault",
                vault,
                "Ann@example.org",
                in: directory,
            )
            #expect(erased.status == 0, "\(erased)")
            let gone = try await Program.indelible("vault", "reveal", "--vault", vault, token, in: directory)
            #expect(gone.status == 1 && gone.output.isEmpty, "\(gone)")
        }
    }
}
