import Testing

/// Goal: dependencies point downwards only, and what decides does no input or output.
///
/// Method: read Package.swift, whose order is the law, and every import.
@Suite struct LayerTests {
    let manifest: Manifest

    init() throws {
        self.manifest = try Manifest(#require(try Repository.file("Package.swift")))
    }

    @Test func manifestIsUnderstood() {
        #expect(self.manifest.targets.count > 30)
        #expect(self.manifest.targets.map(\.layer) == self.manifest.targets.map(\.layer).sorted())
        #expect(self.manifest.targets.contains { $0.name == "LedgerCore" && $0.dependencies.contains("MerkleTree") })
    }

    @Test func dependenciesStandBeforeTheirUsers() {
        let ranks = self.manifest.ranks
        for (rank, target) in self.manifest.targets.enumerated() {
            for dependency in target.dependencies {
                guard let other = ranks[dependency] else { continue }
                #expect(other < rank, "Package.swift: \(target.name) stands before \(dependency), which it uses")
            }
        }
    }

    @Test func importsPointDownwards() throws {
        let ranks = self.manifest.ranks
        let pattern = /^(?:@\w+ )*(?:\w+ )?import (?:\w+ )?(\w+)/
        for file in try Repository.files(in: ["Sources"], extensions: ["swift"]) {
            guard let importer = file.target, let from = ranks[importer] else {
                Issue.record("\(file.path) belongs to no target of Package.swift")
                continue
            }
            for (number, line) in file.lines.enumerated() {
                guard let match = line.firstMatch(of: pattern), let to = ranks[String(match.1)] else { continue }
                #expect(to < from, "\(file.path):\(number + 1): \(importer) must not import \(match.1)")
            }
        }
    }

    /// Layers 0 to 3 are pure or decide: their input and output, time and chance are arguments.
    @Test(arguments: [
        "Foundation", "FoundationEssentials", "Dispatch", "NIOCore", "NIOPosix", "NIOHTTP1", "NIOSSL", "Logging",
        "ArgumentParser", "ServiceLifecycle",
    ])
    func lowLayersDoNotImport(_ module: String) throws {
        for file in try self.lowFiles() {
            for (number, line) in file.lines.enumerated() where line.code.contains("import \(module)") {
                Issue.record("\(file.path):\(number + 1): \(module) belongs to layer 4 and above")
            }
        }
    }

    /// Layer 3 returns actions and never awaits.
    @Test func lowLayersDoNotAwait() throws {
        let concurrency = /\bawait\b|^\s*(?:package |public |private |final |distributed )*actor [A-Z]|\bTask(?: \{|\.)/
        for file in try self.lowFiles() {
            for (number, line) in file.lines.enumerated() where line.code.contains(concurrency) {
                Issue.record("\(file.path):\(number + 1): layers 0 to 3 do not wait; return an action instead")
            }
        }
    }

    private func lowFiles() throws -> [Repository.File] {
        let low = Set(self.manifest.targets.filter { $0.layer < 4 }.map(\.name))
        let files = try Repository.files(in: ["Sources"], extensions: ["swift"])
        return files.filter { low.contains($0.target ?? "") }
    }
}
