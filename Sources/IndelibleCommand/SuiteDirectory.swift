package import IndelibleClient
package import Foundation
import JSONText
package import Primitives

/// Where `indelible up` keeps everything, and how commands find the processes that it started.
package struct SuiteDirectory: Sendable {
    package let root: URL

    package init(_ path: String) { self.root = URL(filePath: path, directoryHint: .isDirectory).standardizedFileURL }

    package var endpointsFile: URL { self.root.appending(path: "endpoints.json") }
    package var logsDirectory: URL { self.root.appending(path: "logs", directoryHint: .isDirectory) }
    package var runDirectory: URL { self.root.appending(path: "run", directoryHint: .isDirectory) }
    /// Models that the log names, by their SHA-256.
    package var modelsDirectory: URL { self.root.appending(path: "models", directoryHint: .isDirectory) }
    package var keysDirectory: URL { self.root.appending(path: "keys", directoryHint: .isDirectory) }

    /// The directory that one process owns.
    package func directory(of process: String) -> URL {
        self.root.appending(path: process, directoryHint: .isDirectory)
    }

    package func readyFile(of process: String) -> URL { self.runDirectory.appending(path: process + ".json") }
    package func logFile(of process: String) -> URL { self.logsDirectory.appending(path: process + ".log") }

    /// - Throws: ``IndelibleError/Code/notFound`` when no suite was ever started here.
    package func endpoints() throws(IndelibleError) -> Endpoints {
        guard let bytes = FileManager.default.contents(atPath: self.endpointsFile.path()) else {
            throw IndelibleError(
                .notFound,
                "There is no \(self.endpointsFile.path()). Start the suite with `indelible up --data \(self.root.path())`.",
            )
        }
        return try Endpoints(parsing: Array(bytes))
    }
}
