import Foundation
import Primitives

/// One byte of a file that others have open.
struct DiskByte: Sendable {
    let path: String
    let offset: UInt64

    /// Flips the byte's lowest bit while `body` runs; it is put back whatever happens.
    func flipped<Result>(_ body: () async throws -> Result) async throws -> Result {
        let (before, mode) = try self.flip()
        let result: Result
        do { result = try await body() } catch {
            try self.restore(before, mode)
            throw error
        }
        try self.restore(before, mode)
        return result
    }

    /// - Returns: what the byte was, and the file's permissions.
    private func flip() throws(IndelibleError) -> (byte: UInt8, mode: Int) {
        do {
            let mode = try FileManager.default.attributesOfItem(atPath: self.path)[.posixPermissions] as? Int ?? 0o400
            try FileManager.default.setAttributes([.posixPermissions: mode | 0o200], ofItemAtPath: self.path)
            let file = try FileHandle(forUpdating: URL(filePath: self.path))
            defer { try? file.close() }
            try file.seek(toOffset: self.offset)
            guard let byte = try file.read(upToCount: 1)?.first else {
                throw IndelibleError(.outOfRange, "\(self.path) ends before byte \(self.offset).")
            }
            try file.seek(toOffset: self.offset)
            try file.write(contentsOf: [byte ^ 1])
            return (byte, mode)
        } catch {
            throw IndelibleError(
                .permissionDenied,
                "\(self.path) cannot be changed. Run this as the user who runs the suite.",
                cause: error,
            )
        }
    }

    private func restore(_ byte: UInt8, _ mode: Int) throws(IndelibleError) {
        do {
            let file = try FileHandle(forUpdating: URL(filePath: self.path))
            defer { try? file.close() }
            try file.seek(toOffset: self.offset)
            try file.write(contentsOf: [byte])
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: self.path)
        } catch {
            throw IndelibleError(
                .unavailable,
                "Byte \(self.offset) of \(self.path) could not be restored. Set it to \(byte) by hand.",
                cause: error,
            )
        }
    }
}
