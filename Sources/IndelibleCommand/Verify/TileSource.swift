import NIOHTTP1
import Primitives
import ServiceKit
import Storage
import TransparencyLog
import Transport

/// A log as static files, wherever they are: a directory, or a URL prefix.
enum TileSource: Sendable {
    case files(any FileSystem)
    /// Without a slash at the end.
    case url(String, ClientTLS?)

    /// - Parameters:
    ///   - place: `http://`, `https://` or a directory.
    ///   - tls: for `https`; `nil` trusts the system's authorities.
    init(_ place: String, tls: @autoclosure () throws(IndelibleError) -> ClientTLS? = nil) throws(IndelibleError) {
        if Self.isURL(place) {
            let tls = place.hasPrefix("https://") ? try tls() : nil
            self = .url(place.hasSuffix("/") ? String(place.dropLast()) : place, tls)
            return
        }
        self = .files(try HostPath(place + "/checkpoint").open().files)
    }

    static func isURL(_ place: String) -> Bool { place.hasPrefix("http://") || place.hasPrefix("https://") }

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
        case .url(let prefix, let tls):
            let url = "\(prefix)/\(path)"
            let response = try await Self.get(url, tls)
            switch response.status {
            case 200: return response.body
            case 404: return nil
            case let status:
                throw IndelibleError(
                    status == 500 ? .dataLoss : .unavailable,
                    "\(url) answered \(response.status): \(String(decoding: response.body.prefix(200), as: UTF8.self))",
                )
            }
        }
    }

    /// - Throws: ``IndelibleError/Code/unavailable`` also when the server's certificate is not to be trusted.
    private static func get(_ url: String, _ tls: ClientTLS?) async throws -> HTTPClient.Response {
        do {
            return try await HTTPClient.request(
                .GET,
                url,
                seconds: 30,
                byteCountMax: EntryBundle.byteCountMax,
                tls: tls,
            )
        } catch let error where !(error is IndelibleError) {
            throw IndelibleError(
                .unavailable,
                "Could not read \(url) over TLS. Check the server's certificate, and name its authority with --tls-ca.",
                cause: error,
            )
        }
    }
}
