import Foundation

import EventFormats

/// Real audit records that are kept outside the repository; tests that need them say so and skip when they are not there.
enum SharedData {
    /// `$INDELIBLE_SHARED`, or `shared` beside the repository.
    static let folder: URL? = {
        let environment = ProcessInfo.processInfo.environment["INDELIBLE_SHARED"]
        let beside = URL(filePath: #filePath).appending(path: "../../../../shared").standardizedFileURL
        let folder = (environment.map { URL(filePath: $0) } ?? beside).appending(path: "data")
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }()

    static let names: [String] = {
        guard let folder else { return [] }
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
        return (names ?? []).filter { $0.hasSuffix(".jsonl.gz") }.sorted()
    }()

    static func bytes(_ name: String) throws -> [UInt8] {
        guard let folder else { return [] }
        return Array(try Data(contentsOf: folder.appending(path: name)))
    }
}

/// Everything that a reader makes of `bytes`, given in chunks of `chunkByteCount`.
func readAll(
    _ bytes: [UInt8],
    chunkByteCount: Int = RecordReader.chunkByteCountMax,
    limits: RecordLimits = RecordLimits(),
) throws -> [RecordItem] {
    var reader = try RecordReader(limits)
    var items: [RecordItem] = []
    var start = 0
    while start < bytes.count {
        let end = min(start + chunkByteCount, bytes.count)
        reader.append(Array(bytes[start..<end]))
        items += reader.takeItems()
        start = end
    }
    reader.finish()
    return items + reader.takeItems()
}
