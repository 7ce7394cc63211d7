internal import Transport

/// PEM files with which a client shows who it is, and knows a collector.
public struct ClientCertificates: Sendable {
    /// The client's certificate and those between it and its authority.
    public var certificateChainPath: String
    /// The certificate's private key.
    public var privateKeyPath: String
    /// The authority that the collector's certificate is signed by.
    public var authorityPath: String

    /// Names the files; they are read when a connection is made.
    public init(certificateChainPath: String, privateKeyPath: String, authorityPath: String) {
        self.certificateChainPath = certificateChainPath
        self.privateKeyPath = privateKeyPath
        self.authorityPath = authorityPath
    }

    var settings: TLSSettings {
        TLSSettings(
            certificateChainPath: self.certificateChainPath,
            privateKeyPath: self.privateKeyPath,
            trustRootsPath: self.authorityPath,
        )
    }
}
