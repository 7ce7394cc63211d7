/// Where the certificates of one side are: PEM files, read again when they change.
package struct TLSSettings: Sendable, Equatable {
    /// Our certificate first, then those up to, but without, the authority's.
    package var certificateChainPath: String
    package var privateKeyPath: String
    /// The authority's certificates that the peer's must lead to.
    ///
    /// On a server `nil` asks clients for none; on a client `nil` means the system's authorities.
    package var trustRootsPath: String?

    package init(certificateChainPath: String, privateKeyPath: String, trustRootsPath: String?) {
        self.certificateChainPath = certificateChainPath
        self.privateKeyPath = privateKeyPath
        self.trustRootsPath = trustRootsPath
    }
}
