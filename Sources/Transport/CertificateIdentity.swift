internal import NIOSSL
internal import Wire

/// What a peer's certificate says about it: RFC 5280, section 4.2.1.6.
struct CertificateIdentity {
    /// The first DNS name; empty when there is none.
    private(set) var name = ""
    /// From the one URI `indelible://role/…`; `nil` when there is none, or more than one.
    private(set) var role: Role?

    init(_ certificate: NIOSSLCertificate?) {
        guard let certificate else { return }
        var roles: [Role?] = []
        for alternative in certificate._subjectAlternativeNames() {
            let text = String(decoding: alternative.contents, as: UTF8.self)
            switch alternative.nameType {
            case .uri where text.hasPrefix(Role.uriPrefix): roles.append(Role(uri: text))
            case .dnsName where self.name.isEmpty: self.name = text
            default: continue
            }
        }
        self.role = roles.count == 1 ? roles[0] : nil
    }
}
