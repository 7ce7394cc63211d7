import Cryptography
import EventFormats
import Foundation
import Platform
package import Primitives

/// A file of records, or standard input.
package struct ImportFile: Sendable, Equatable {
    /// As the user wrote it, or as it was found in a directory.
    package let path: String

    package static let standardInput = ImportFile(path: "-")
    package var isStandardInput: Bool { self == .standardInput }

    package init(path: String) { self.path = path }

    /// The files that the arguments name: a directory stands for the record files below it, in order of path.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when there is no such file, or a directory without records.
    package static func files(_ arguments: [String]) throws(IndelibleError) -> [ImportFile] {
        var files: [ImportFile] = []
        for argument in arguments {
            guard argument != "-" else {
                files.append(.standardInput)
                continue
            }
            var isDirectory: ObjCBool = false
            guard unsafe FileManager.default.fileExists(atPath: argument, isDirectory: &isDirectory) else {
                throw IndelibleError(.invalidArgument, "There is no file \(argument). Check the path.")
            }
            guard isDirectory.boolValue else {
                files.append(ImportFile(path: argument))
                continue
            }
            let found = Self.recordFiles(below: argument)
            guard !found.isEmpty else {
                let endings = Self.endings.joined(separator: ", ")
                throw IndelibleError(.invalidArgument, "There are no record files (\(endings)) below \(argument).")
            }
            files += found
        }
        return files
    }

    /// What a directory's record files end in.
    private static let endings = [
        ".json", ".jsonl", ".ndjson", ".log", ".json.gz", ".jsonl.gz", ".ndjson.gz", ".log.gz",
    ]

    private static func recordFiles(below directory: String) -> [ImportFile] {
        let paths = FileManager.default.enumerator(atPath: directory)?.compactMap { $0 as? String } ?? []
        return paths.sorted()
            .filter { path in Self.endings.contains(where: path.hasSuffix) }
            .map { ImportFile(path: directory.hasSuffix("/") ? directory + $0 : "\(directory)/\($0)") }
    }

    /// Gives `body` the file's bytes in pieces of at most ``RecordReader/chunkByteCountMax``.
    ///
    /// - Parameter body: returns false when it wants no more.
    /// - Throws: ``IndelibleError/Code/unavailable`` when the file cannot be read, and what `body` throws.
    package func read(_ body: ([UInt8]) async throws -> Bool) async throws {
        let handle: FileHandle
        if self.isStandardInput {
            handle = .standardInput
        } else {
            guard let opened = FileHandle(forReadingAtPath: self.path) else {
                throw IndelibleError(.invalidArgument, "Could not open \(self.path). Check its permissions.")
            }
            handle = opened
        }
        defer { if !self.isStandardInput { try? handle.close() } }
        while true {
            let chunk: Data?
            do {
                chunk = try handle.read(upToCount: RecordReader.chunkByteCountMax)
            } catch {
                throw IndelibleError(.unavailable, "Could not read \(self.path). Try again.", cause: error)
            }
            guard let chunk, !chunk.isEmpty, try await body(Array(chunk)) else { return }
        }
    }

    /// When what the file says was known at the latest: its last change; now for standard input.
    package var knownByNanoseconds: UInt64 {
        let attributes = self.isStandardInput ? nil : try? FileManager.default.attributesOfItem(atPath: self.path)
        guard let changed = attributes?[.modificationDate] as? Date, changed.timeIntervalSince1970 > 0 else {
            return SystemClock.wallNanoseconds
        }
        return UInt64(changed.timeIntervalSince1970) * 1_000_000_000
    }

    /// SHA-256 of the file's bytes as they are on disk.
    package func contentHash() async throws -> Digest {
        var hasher = try SHA256Hasher()
        try await self.read { chunk in
            try hasher.update(chunk.span)
            return true
        }
        return try hasher.finish()
    }
}
