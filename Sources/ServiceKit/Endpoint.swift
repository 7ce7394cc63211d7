import ArgumentParser
package import NIOCore
package import Primitives

/// A host and a port, written `host:port` or `[v6]:port`.
package struct Endpoint: Sendable, Hashable, CustomStringConvertible {
    package let host: String
    package let port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// - Throws: ``IndelibleError/Code/invalidArgument`` when `text` has another form.
    package init(parsing text: String) throws(IndelibleError) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else {
            throw IndelibleError(
                .invalidArgument,
                "\(text) is not an address. Write host:port, or host:0 for any port.",
            )
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty else {
            throw IndelibleError(.invalidArgument, "\(text) has no host. Write 127.0.0.1:PORT for this machine only.")
        }
        self.host = String(host)
        self.port = port
    }

    /// Of a bound socket.
    package init(_ address: SocketAddress) {
        self.init(host: address.ipAddress ?? "", port: address.port ?? 0)
    }

    package var description: String {
        self.host.contains(":") ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)"
    }

    /// Whether only this machine can reach it.
    package var isLoopback: Bool {
        self.host == "localhost" || self.host == "::1" || self.host.hasPrefix("127.")
    }
}

extension Endpoint: ExpressibleByArgument {
    package init?(argument: String) {
        do { try self.init(parsing: argument) } catch { return nil }
    }
}
