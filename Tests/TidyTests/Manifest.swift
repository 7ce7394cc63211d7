import Foundation

/// What Package.swift says about layers: a target's rank is its place in the file, its layer the last `// Layer N:` above
/// it.
struct Manifest {
    struct Target {
        let name: String
        let layer: Int
        var dependencies: [String]
    }

    private(set) var targets: [Target] = []

    /// Targets by name, with their place in the file.
    var ranks: [String: Int] {
        Dictionary(uniqueKeysWithValues: self.targets.enumerated().map { ($1.name, $0) })
    }

    /// Reads the part of the manifest between `targets: [` and its end.
    init(_ file: Repository.File) throws {
        let layerMark = /\/\/ Layer (\d+):/
        let testsMark = /\/\/ Tests only\./
        let declaration = /\.(?:target|executableTarget|systemLibrary)\(/
        let nameMark = /name: "(\w+)"/
        let quoted = /"([A-Z]\w+)"/
        var layer: Int?
        var isOpen = false
        for line in file.lines {
            if let match = line.firstMatch(of: layerMark) { layer = Int(match.1) }
            if line.contains(testsMark) { layer = Self.testsOnly }
            guard let current = layer else { continue }
            if line == "]" || line == ")" { break }
            var rest = line.code
            if rest.contains(declaration) { isOpen = true }
            if isOpen, let match = rest.firstMatch(of: nameMark) {
                self.targets.append(Target(name: String(match.1), layer: current, dependencies: []))
                rest = rest[match.range.upperBound...]
                isOpen = false
            }
            guard self.targets.isEmpty == false, rest.contains("pkgConfig") == false else { continue }
            self.targets[self.targets.count - 1].dependencies += rest.matches(of: quoted).map { String($0.1) }
        }
    }

    /// The layer of targets that only tests may use: above every other.
    static let testsOnly = 7
}
