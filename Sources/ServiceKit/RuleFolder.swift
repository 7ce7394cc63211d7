import Foundation
package import Primitives
import Storage

/// The files of a folder of rules.
package enum RuleFolder {
    /// Reads every `.yml` and `.yaml` file of a folder and those below it, in order of their paths.
    ///
    /// - Parameters:
    ///   - path: of the folder.
    ///   - fileCountMax: more are refused.
    ///   - fileByteCountMax: a longer file is refused.
    /// - Throws: ``IndelibleError/Code/notFound`` when there is no such folder or no file in it.
    package static func read(
        _ path: String,
        fileCountMax: Int,
        fileByteCountMax: Int,
    ) throws(IndelibleError) -> [(name: String, bytes: [UInt8])] {
        var found: [(name: String, bytes: [UInt8])] = []
        for name in Self.names(path) {
            guard found.count < fileCountMax else {
                throw IndelibleError(.outOfRange, "\(path) holds more than \(fileCountMax) rule files. Use fewer.")
            }
            let (files, file) = try HostPath("\(path)/\(name)").open()
            guard let bytes = try files.readAll(file, byteCountMax: fileByteCountMax) else { continue }
            found.append((name, bytes))
        }
        guard !found.isEmpty else {
            throw IndelibleError(.notFound, "There is no .yml file in \(path). Give the folder that has the rules.")
        }
        return found
    }

    /// Relative to the folder; hidden files and what is in hidden folders are left out.
    private static func names(_ path: String) -> [String] {
        let all = (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []
        return all.filter { name in
            (name.hasSuffix(".yml") || name.hasSuffix(".yaml"))
                && !name.split(separator: "/").contains { $0.hasPrefix(".") }
        }.sorted()
    }
}
