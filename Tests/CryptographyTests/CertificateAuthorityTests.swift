// Goal: an authority issues certificates that it recognises, for the names it was asked for, and nobody else's.
import Cryptography
import Primitives
import Testing

struct CertificateAuthorityTests {
    /// 2026-01-01T00:00:00Z.
    private static let now: Int64 = 1_767_225_600
    private static let day: Int64 = 86_400

    private static func authority() throws -> CertificateAuthority {
        try CertificateAuthority.create(name: "Indelible test", days: 365, now: now)
    }

    @Test func issuesWhatItRecognises() throws {
        let authority = try Self.authority()
        let hosts = ["ledger", "ledger.example", "127.0.0.1", "::1"]
        let issued = try authority.issue(name: "ledger-1", role: "writer", hosts: hosts, days: 30, now: Self.now)
        #expect(issued.certificatePEM.hasPrefix("-----BEGIN CERTIFICATE-----\n"))
        #expect(issued.privateKeyPEM.hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
        let name = try authority.verify(certificatePEM: issued.certificatePEM, now: Self.now)
        #expect(name.name == "ledger-1")
        #expect(name.role == "writer")
        let reloaded = try CertificateAuthority(identity: authority.identity)
        #expect(try reloaded.verify(certificatePEM: issued.certificatePEM, now: Self.now) == name)
    }

    /// The URI, the hosts and the OU stand in the DER as plain text, and the addresses as bytes.
    @Test func certificateHasEveryName() throws {
        let issued = try Self.authority().issue(
            name: "a",
            role: "verifier",
            hosts: ["verifier.example", "192.0.2.33", "2001:db8::7"],
            days: 1,
            now: Self.now,
        )
        let text = issued.certificatePEM.split(separator: "\n").filter { !$0.hasPrefix("-") }.joined()
        let der = try #require(Base64.decode(text))
        let uri = Array("\(CertificateAuthority.roleURIPrefix)verifier".utf8)
        let address = [0x87, 0x10, 0x20, 0x01, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [0x07]
        // Context tags of GeneralName (RFC 5280, section 4.2.1.6): 6 is a URI, 2 a DNS name, 7 an address.
        #expect(der.contains([0x86, UInt8(uri.count)] + uri))
        #expect(der.contains([0x82, 16] + Array("verifier.example".utf8)))
        #expect(der.contains([0x87, 4, 192, 0, 2, 33]))
        #expect(der.contains(address))
        #expect(der.contains([0x06, 0x03, 0x55, 0x04, 0x0b, 0x0c, 8] + Array("verifier".utf8)))
    }

    @Test func nobodyElsesCertificateIsRecognised() throws {
        let (authority, other) = (try Self.authority(), try Self.authority())
        let issued = try other.issue(name: "a", role: "admin", hosts: [], days: 30, now: Self.now)
        #expect(throws: IndelibleError.self) {
            try authority.verify(certificatePEM: issued.certificatePEM, now: Self.now)
        }
        #expect(throws: IndelibleError.self) {
            try authority.verify(certificatePEM: authority.identity.certificatePEM, now: Self.now)
        }
        for junk in ["", "junk", issued.privateKeyPEM, String(issued.certificatePEM.dropLast(60))] {
            #expect(throws: IndelibleError.self) { try authority.verify(certificatePEM: junk, now: Self.now) }
        }
    }

    @Test func validityHasABeginningAndAnEnd() throws {
        let authority = try Self.authority()
        let issued = try authority.issue(name: "a", role: "reader", hosts: [], days: 2, now: Self.now)
        let start = Self.now - CertificateAuthority.clockToleranceSeconds
        for time in [start, Self.now, start + 2 * Self.day - 1] {
            #expect(throws: Never.self) { try authority.verify(certificatePEM: issued.certificatePEM, now: time) }
        }
        for time in [0, start - 1, start + 2 * Self.day, Self.now + 400 * Self.day] {
            #expect(throws: IndelibleError.self) {
                try authority.verify(certificatePEM: issued.certificatePEM, now: time)
            }
        }
    }

    @Test func onlyAnAuthorityCanBeLoaded() throws {
        let authority = try Self.authority()
        let issued = try authority.issue(name: "a", role: "reader", hosts: [], days: 2, now: Self.now)
        let mixed = IssuedIdentity(
            certificatePEM: authority.identity.certificatePEM,
            privateKeyPEM: issued.privateKeyPEM,
        )
        for identity in [issued, mixed, IssuedIdentity(certificatePEM: "", privateKeyPEM: "")] {
            #expect(throws: IndelibleError.self) { try CertificateAuthority(identity: identity) }
        }
    }

    @Test func namesThatCouldSaySomethingElseAreRefused() throws {
        let authority = try Self.authority()
        let long = String(repeating: "a", count: 65)
        for name in ["", "a/CN=b", "a\nb", "a,b", "ä", long] {
            #expect(throws: IndelibleError.self) {
                try authority.issue(name: name, role: "reader", hosts: [], days: 1, now: Self.now)
            }
            #expect(throws: IndelibleError.self) {
                try CertificateAuthority.create(name: name, days: 1, now: Self.now)
            }
        }
        for role in ["", "Reader", "a b", "reader/admin", "reader\u{0}", long] {
            #expect(throws: IndelibleError.self) {
                try authority.issue(name: "a", role: role, hosts: [], days: 1, now: Self.now)
            }
        }
        for host in ["", "a b", "host:80", "http://host", "a,DNS:b", "a\u{0}b", String(repeating: "a", count: 254)] {
            #expect(throws: IndelibleError.self) {
                try authority.issue(name: "a", role: "reader", hosts: [host], days: 1, now: Self.now)
            }
        }
        for days: Int32 in [.min, 0, 36_501, .max] {
            #expect(throws: IndelibleError.self) {
                try authority.issue(name: "a", role: "reader", hosts: [], days: days, now: Self.now)
            }
        }
        #expect(throws: IndelibleError.self) {
            let hosts = [String](repeating: "a", count: CertificateAuthority.hostsMax + 1)
            return try authority.issue(name: "a", role: "reader", hosts: hosts, days: 1, now: Self.now)
        }
    }
}
