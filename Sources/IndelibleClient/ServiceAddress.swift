package import Primitives
package import Transport

/// Where a service is and how to speak to it.
package struct ServiceAddress: Sendable {
    package var host: String
    package var port: Int
    /// `nil` speaks plain TCP.
    package var tls: TLSSettings?
    /// The name that the server's certificate must have; `nil` means `host`.
    package var serverName: String?

    package init(host: String, port: Int, tls: TLSSettings? = nil, serverName: String? = nil) {
        self.host = host
        self.port = port
        self.tls = tls
        self.serverName = serverName
    }
}

extension ServiceAddress {
    /// Reads `host:port` or `[v6]:port`.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` for anything else.
    package init(parsing text: String, tls: TLSSettings? = nil) throws(IndelibleError) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0,
            text.startIndex < colon
        else {
            throw IndelibleError(
                .invalidArgument,
                "\(text) is not an address. Write host:port, such as 127.0.0.1:7401.",
            )
        }
        let host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        self.init(host: String(isBracketed ? host.dropFirst().dropLast() : host), port: Int(port), tls: tls)
    }
}
