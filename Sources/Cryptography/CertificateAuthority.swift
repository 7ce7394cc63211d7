internal import COpenSSL
internal import CPlatform
package import Primitives

/// A certificate and the private key that belongs to it, both PEM.
package struct IssuedIdentity: Hashable, Sendable {
    /// One X.509 v3 certificate (RFC 7468, section 5).
    package let certificatePEM: String
    /// PKCS #8, not encrypted (RFC 7468, section 10): keep it in a file that only its owner can read.
    package let privateKeyPEM: String

    package init(certificatePEM: String, privateKeyPEM: String) {
        self.certificatePEM = certificatePEM
        self.privateKeyPEM = privateKeyPEM
    }
}

/// Who a certificate is for.
package struct CertifiedName: Hashable, Sendable {
    /// The subject's common name.
    package let name: String
    /// What stands behind ``CertificateAuthority/roleURIPrefix`` in the subject alternative names.
    package let role: String
}

/// A private certificate authority, so that services can speak mutual TLS from the first day.
///
/// Keys are ECDSA on P-256, which every TLS library takes. A certificate says its role twice: as the URI
/// `indelible://role/<role>` among the subject alternative names, which is what programs read, and as the subject's OU, for
/// people.
package struct CertificateAuthority: Sendable {
    /// What stands before the role in a certificate's URI.
    package static let roleURIPrefix = "indelible://role/"
    /// The longest name or role, in bytes (RFC 5280, appendix A, `ub-common-name`).
    package static let nameByteCountMax = 64
    /// The most hosts that one certificate can be for.
    package static let hostsMax = 64
    /// The longest validity, in days.
    package static let daysMax: Int32 = 36_500
    /// Certificates are valid from this long before they are made, in seconds: the peer's clock may be behind.
    package static let clockToleranceSeconds: Int64 = 300

    /// The authority's own certificate, which peers are to trust, and its key, which signs.
    package let identity: IssuedIdentity

    /// Creates an authority.
    ///
    /// - Parameters:
    ///   - name: The subject's common name: letters, digits, spaces, `.`, `_` and `-`.
    ///   - days: Validity, 1 to ``daysMax``.
    ///   - now: Seconds since 1970.
    /// - Returns: The authority, with a new key.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` for a name or validity that is not as above.
    package static func create(name: String, days: Int32, now: Int64) throws(IndelibleError) -> CertificateAuthority {
        try Self.check(name: name, called: "name")
        try Self.check(days: days)
        var made = unsafe ind_x509_identity()
        let failed = unsafe ind_x509_create_authority(name, now - Self.clockToleranceSeconds, days, &made)
        return CertificateAuthority(checked: try unsafe Self.take(&made, failed))
    }

    /// Loads an authority.
    ///
    /// - Parameter identity: As ``create(name:days:now:)`` made it, or any other authority's.
    /// - Throws: ``IndelibleError/Code/failedPrecondition`` when the PEM cannot be read, its parts do not belong together, or
    ///   the certificate is not an authority's.
    package init(identity: IssuedIdentity) throws(IndelibleError) {
        try unsafe Self.require(
            ind_x509_check_authority(identity.certificatePEM, identity.privateKeyPEM),
            else: .failedPrecondition,
            "Give the certificate and the key of one certificate authority, as unencrypted PEM.",
        )
        self.identity = identity
    }

    private init(checked identity: IssuedIdentity) { self.identity = identity }

    /// Issues a certificate for both ends of TLS connections.
    ///
    /// - Parameters:
    ///   - name: The subject's common name: letters, digits, spaces, `.`, `_` and `-`.
    ///   - role: Lower-case letters, digits and `-`.
    ///   - hosts: DNS names and IP addresses at which the holder is reached; may be empty for clients.
    ///   - days: Validity, 1 to ``daysMax``.
    ///   - now: Seconds since 1970.
    /// - Returns: The certificate and its new key.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` for an argument that is not as above.
    package func issue(
        name: String,
        role: String,
        hosts: [String],
        days: Int32,
        now: Int64,
    ) throws(IndelibleError) -> IssuedIdentity {
        try Self.check(name: name, called: "name")
        try Self.check(role: role)
        try Self.check(hosts: hosts)
        try Self.check(days: days)
        // One run of NUL-terminated strings, and where each of them starts.
        var text: [CChar] = []
        let starts = hosts.map { host in
            defer { text += host.utf8CString }
            return text.count
        }
        var made = unsafe ind_x509_identity()
        let failed = unsafe text.withUnsafeBufferPointer { text in
            let pointers = unsafe starts.map { start in unsafe text.baseAddress.map { unsafe $0 + start } }
            return unsafe ind_x509_issue(
                self.identity.certificatePEM,
                self.identity.privateKeyPEM,
                name,
                role,
                pointers,
                pointers.count,
                now - Self.clockToleranceSeconds,
                days,
                &made,
            )
        }
        return try unsafe Self.take(&made, failed)
    }

    /// Checks that this authority issued a certificate and that it is valid now.
    ///
    /// - Parameters:
    ///   - certificatePEM: The certificate.
    ///   - now: Seconds since 1970.
    /// - Returns: Who it is for.
    /// - Throws: ``IndelibleError/Code/unauthenticated`` when another authority issued it, it or the authority is not valid
    ///   now, or it has no name or role.
    package func verify(certificatePEM: String, now: Int64) throws(IndelibleError) -> CertifiedName {
        var name = [CChar](repeating: 0, count: Self.nameByteCountMax + 1)
        var role = name
        try unsafe Self.require(
            ind_x509_verify(self.identity.certificatePEM, certificatePEM, now, &name, &role),
            else: .unauthenticated,
            "Use a certificate that this authority issued, with a role, and that is valid today.",
        )
        return CertifiedName(name: Self.text(name), role: Self.text(role))
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Copies what C made and frees it; nothing was made when `failed` says so.
    @unsafe private static func take(
        _ made: inout ind_x509_identity,
        _ failed: UnsafePointer<CChar>?,
    ) throws(IndelibleError) -> IssuedIdentity {
        defer { unsafe ind_x509_identity_free(&made) }
        try unsafe Self.require(failed, else: .internal, "Check the OpenSSL installation.")
        guard let certificate = unsafe made.certificate_pem, let key = unsafe made.private_key_pem else {
            throw IndelibleError(.internal, "No certificate was made. Check the OpenSSL installation.")
        }
        return unsafe IssuedIdentity(certificatePEM: String(cString: certificate), privateKeyPEM: String(cString: key))
    }

    /// Turns the name of a failed step into an error, and leaves libcrypto's error queue empty.
    @unsafe private static func require(
        _ failed: UnsafePointer<CChar>?,
        else code: IndelibleError.Code,
        _ advice: String,
    ) throws(IndelibleError) {
        ERR_clear_error()
        if let failed = unsafe failed {
            throw IndelibleError(code, "Could not \(unsafe String(cString: failed)). \(advice)")
        }
    }
}

extension CertificateAuthority {
    private static func check(name: String, called what: String) throws(IndelibleError) {
        let allowed = name.utf8.allSatisfy { Self.isAlphanumeric($0) || " ._-".utf8.contains($0) }
        guard allowed, (1...Self.nameByteCountMax).contains(name.utf8.count) else {
            throw IndelibleError(
                .invalidArgument,
                "A certificate's \(what) has 1 to \(Self.nameByteCountMax) letters, digits, spaces, '.', '_' or '-'.",
            )
        }
    }

    private static func check(role: String) throws(IndelibleError) {
        let allowed = role.utf8.allSatisfy {
            $0 == UInt8(ascii: "-") || Self.isAlphanumeric($0) && !Self.isUpperCase($0)
        }
        guard allowed, (1...Self.nameByteCountMax).contains(role.utf8.count) else {
            throw IndelibleError(
                .invalidArgument,
                "A role has 1 to \(Self.nameByteCountMax) lower-case letters, digits or '-', such as reader.",
            )
        }
    }

    /// The longest DNS name (RFC 1035, section 2.3.4).
    private static let hostByteCountMax = 253

    private static func check(hosts: [String]) throws(IndelibleError) {
        guard hosts.count <= Self.hostsMax else {
            throw IndelibleError(
                .invalidArgument,
                "A certificate takes at most \(Self.hostsMax) hosts, not \(hosts.count).",
            )
        }
        for host in hosts {
            // A colon makes it an IPv6 address or a mistake.
            let isName = host.utf8.allSatisfy { Self.isAlphanumeric($0) || "._-".utf8.contains($0) }
            let isAllowed = host.utf8.contains(UInt8(ascii: ":")) ? unsafe ind_x509_is_address(host) == 1 : isName
            guard isAllowed, (1...Self.hostByteCountMax).contains(host.utf8.count) else {
                throw IndelibleError(
                    .invalidArgument,
                    "\"\(host)\" is not a host. Give DNS names and IP addresses, without scheme or port.",
                )
            }
        }
    }

    private static func check(days: Int32) throws(IndelibleError) {
        guard (1...Self.daysMax).contains(days) else {
            throw IndelibleError(
                .invalidArgument,
                "A certificate is valid for 1 to \(Self.daysMax) days, not \(days).",
            )
        }
    }

    private static func isUpperCase(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || Self.isUpperCase(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
