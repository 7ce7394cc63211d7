package import NIOCore
internal import NIOSSL
package import Primitives
package import Wire

/// TLS 1.3 for a listener that speaks something else than RPC, from the same files and with the same roles.
package final class ServerTLS: Sendable {
    private let source: TLSContextSource
    /// Whether every peer has a certificate, and so a role.
    package let asksForCertificates: Bool

    /// - Throws: ``IndelibleError/Code/failedPrecondition`` when the files cannot be used.
    package init(_ settings: TLSSettings) throws(IndelibleError) {
        self.source = try TLSContextSource(settings, .server)
        self.asksForCertificates = settings.trustRootsPath != nil
    }

    /// Puts TLS at the front of a new connection; on its event loop.
    package func install(in pipeline: ChannelPipeline.SynchronousOperations) throws {
        try pipeline.addHandler(NIOSSLServerHandler(context: self.source.current().context), position: .first)
    }

    /// The role in the peer's certificate, once the handshake is over; on the connection's event loop.
    package static func role(of pipeline: ChannelPipeline.SynchronousOperations) -> Role? {
        let handler = try? pipeline.handler(type: NIOSSLServerHandler.self)
        return CertificateIdentity(handler?.peerCertificate).role
    }
}
