package import NIOCore
internal import NIOSSL
package import Primitives

/// TLS for a client that speaks something else than RPC; the peer's certificate must be for the host that was asked for.
package final class ClientTLS: Sendable {
    private enum Source: Sendable {
        case files(TLSContextSource)
        case fixed(NIOSSLContext)
    }

    private let source: Source

    /// Shows a certificate of our own, and trusts the authority of ``TLSSettings/trustRootsPath``.
    ///
    /// - Throws: ``IndelibleError/Code/failedPrecondition`` when the files cannot be used.
    package init(_ settings: TLSSettings) throws(IndelibleError) {
        self.source = .files(try TLSContextSource(settings, .client))
    }

    /// Shows no certificate.
    ///
    /// - Parameter authorities: PEM file of those that are trusted; `nil` for the system's.
    /// - Throws: ``IndelibleError/Code/failedPrecondition`` when the file cannot be used.
    package init(authorities: String?) throws(IndelibleError) {
        do {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.minimumTLSVersion = .tlsv12
            if let authorities {
                configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(authorities))
            }
            self.source = .fixed(try NIOSSLContext(configuration: configuration))
        } catch {
            let what = authorities.map { "the authorities in \($0)" } ?? "the system's certificate authorities"
            throw IndelibleError(.failedPrecondition, "Could not use \(what) for TLS.", cause: error)
        }
    }

    /// Puts TLS at the front of a new connection; on its event loop.
    ///
    /// - Parameter host: name or address that the certificate must be for.
    package func install(in pipeline: ChannelPipeline.SynchronousOperations, host: String) throws {
        let context =
            switch self.source {
            case .files(let source): source.current().context
            case .fixed(let context): context
            }
        // An address cannot be named in the handshake; the certificate is checked against it all the same.
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        let handler = try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host)
        try pipeline.addHandler(handler, position: .first)
    }
}
