import ArgumentParser
import Foundation
package import Primitives
import ServiceKit

/// Another verifier or witness over HTTP: a URL prefix, or `@FILE` for the ready file of a verifier on this machine.
package enum VerifierPeer: Sendable, Hashable, CustomStringConvertible {
    /// Without a slash at the end.
    case url(String)
    case readyFile(String)

    private struct Ready: Decodable {
        let http: String
    }

    /// The prefix to ask under now.
    ///
    /// - Throws: ``IndelibleError/Code/unavailable`` when the ready file is not there yet.
    package func prefix() throws(IndelibleError) -> String {
        switch self {
        case .url(let url): return url
        case .readyFile(let path):
            guard let data = FileManager.default.contents(atPath: path),
                let ready = try? JSONDecoder().decode(Ready.self, from: data)
            else { throw IndelibleError(.unavailable, "\(path) is not there yet. Start the verifier that writes it.") }
            return "http://\(ready.http)"
        }
    }

    package var description: String {
        switch self {
        case .url(let url): url
        case .readyFile(let path): "@\(path)"
        }
    }
}

extension VerifierPeer: ExpressibleByArgument {
    package init?(argument: String) {
        if argument.hasPrefix("@"), argument.utf8.count > 1 {
            self = .readyFile(String(argument.dropFirst()))
        } else if argument.hasPrefix("http://") || argument.hasPrefix("https://") {
            self = .url(argument.hasSuffix("/") ? String(argument.dropLast()) : argument)
        } else {
            return nil
        }
    }
}
