import Foundation
package import Primitives

/// The model file that comes with the programs.
package enum ShippedModel {
    static let fileName = "indelible-v1.json"

    /// Beside the installed executable (`../share/indelible/models`), or in a folder `models` above a built one.
    ///
    /// - Throws: ``IndelibleError/Code/notFound`` when it is in neither.
    package static func path() throws(IndelibleError) -> String {
        let executable = (Bundle.main.executableURL ?? URL(filePath: "/")).resolvingSymlinksInPath()
        var folder = executable.deletingLastPathComponent()
        var candidates = [folder.appending(path: "../share/indelible/models").standardizedFileURL]
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            candidates.append(folder.appending(path: "models"))
        }
        for candidate in candidates {
            let path = candidate.appending(path: Self.fileName).path
            if FileManager.default.isReadableFile(atPath: path) { return path }
        }
        throw IndelibleError(
            .notFound,
            "There is no \(Self.fileName) near \(executable.path). Give one with --model.",
        )
    }
}
