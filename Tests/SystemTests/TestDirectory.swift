import Foundation

/// A directory of one test, gone when the test is.
final class TestDirectory: Sendable {
    let url: URL

    init() throws {
        self.url = FileManager.default.temporaryDirectory.appending(path: "indelible-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: self.url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: self.url) }

    func path(_ name: String) -> String { self.url.appending(path: name).path() }

    func read(_ name: String) -> [UInt8]? { FileManager.default.contents(atPath: self.path(name)).map(Array.init) }

    func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: self.url.appending(path: name))
    }

    func createDirectory(_ name: String) throws {
        try FileManager.default.createDirectory(at: self.url.appending(path: name), withIntermediateDirectories: true)
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: self.path(name)) }

    /// Copies a directory and all in it.
    func copy(_ name: String, to copy: String) throws {
        try FileManager.default.copyItem(atPath: self.path(name), toPath: self.path(copy))
    }
}
