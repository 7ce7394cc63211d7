import NIOHTTP1
import Primitives
import ServiceKit
import Storage
import TransparencyLog

/// A log as static files, wherever they are: a directory, or a URL prefix.
enum TileSource: Sendable {
    case files(any FileSystem)
    /// Without a slash at the end.
    case url(String)

    init(_ place: String) throws(IndelibleError) {
        if place.hasPrefix("http://") {
            self = .url(place.hasSuffix("/") ? String(place.dropLast()) : place)
            return
        }
        self = .files(try HostPath(place + "/checkpoint").open().files)
    }

    /// Whether asking again may give another answer.
    var isLive: Bool { if case .url = self { true } else { false } }

    /// Reads a file into memory that is used again for the next one.
    ///
    /// - Returns: Bytes of the file, which stand at the front of `buffer`; `nil` when there is no such file.
    /// - Throws: as ``read(_:)``.
    func read(_ path: String, into buffer: inout [UInt8]) async throws -> Int? {
        switch self {
        case .files(let files):
            return try files.read(path, into: &buffer, byteCountMax: EntryBundle.byteCountMax)
        case .url:
            guard let bytes = try await self.read(path) else { return nil }
            buffer = bytes
            return bytes.count
        }
    }

    /// - Returns: `nil` when there is no such file.
    /// - Throws: ``IndelibleError/Code/dataLoss`` when a server has the file and cannot read it.
    func read(_ path: String) async throws -> [UInt8]? {
        switch self {
        case .files(let files): return try files.readAll(path, byteCountMax: EntryBundle.byteCountMax)
        case .url(let prefix):
            let response = try await HTTPClient.request(.GET, "\(prefix)/\(path)", seconds: 30)
            switch response.status {
            case 200: return response.body
            case 404: return nil
            case let status:
                throw IndelibleError(
                    status == 500 ? .dataLoss : .unavailable,
                    "\(prefix)/\(path) answered \(response.status): \(String(decoding: response.body.prefix(200), as: UTF8.self))",
                )
            }
        }
    }
}
