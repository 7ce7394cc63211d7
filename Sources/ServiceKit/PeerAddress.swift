import ArgumentParser
import Foundation
package import Primitives

/// Where another service is: `host:port`, or `@FILE` for a ready file that it writes once it serves.
///
/// A ready file is read at every connection, so a service that comes back on another port is found again.
package enum PeerAddress: Sendable, Hashable {
    case endpoint(Endpoint)
    case readyFile(String)

    private struct Ready: Decodable {
        let rpc: String
    }

    /// The address to connect to now.
    ///
    /// - Returns: Host and port.
    /// - Throws: ``IndelibleError/Code/unavailable`` when the ready file is not there yet, or is not one.
    package func resolve() throws(IndelibleError) -> Endpoint {
        switch self {
        case .endpoint(let endpoint): return endpoint
        case .readyFile(let path):
            guard let data = FileManager.default.contents(atPath: path),
                let ready = try? JSONDecoder().decode(Ready.self, from: data)
            else {
                throw IndelibleError(.unavailable, "\(path) is not there yet. Start the service that writes it.")
            }
            return try Endpoint(parsing: ready.rpc)
        }
    }
}

extension PeerAddress: ExpressibleByArgument {
    package init?(argument: String) {
        if argument.hasPrefix("@"), argument.utf8.count > 1 {
            self = .readyFile(String(argument.dropFirst()))
            return
        }
        guard let endpoint = Endpoint(argument: argument) else { return nil }
        self = .endpoint(endpoint)
    }
}
