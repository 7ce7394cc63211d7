import Cryptography
import Foundation
import Primitives
import Transport
import Wire

/// Certificates of one authority, in a folder of their own that goes away with this.
final class TestCertificates {
    let authority: CertificateAuthority
    private let folder: URL
    private static let days: Int32 = 1

    private static var now: Int64 { Int64(Date().timeIntervalSince1970) }

    init() throws {
        self.authority = try CertificateAuthority.create(name: "Test authority", days: Self.days, now: Self.now)
        self.folder = FileManager.default.temporaryDirectory.appending(path: "indelible-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
        try self.write("authority.pem", self.authority.identity.certificatePEM)
    }

    deinit {
        try? FileManager.default.removeItem(at: self.folder)
    }

    /// A server's files, for loopback unless told otherwise.
    func server(hosts: [String] = ["127.0.0.1", "localhost"]) throws -> TLSSettings {
        try self.settings("server", role: "admin", hosts: hosts)
    }

    /// A client's files.
    func client(_ role: String) throws -> TLSSettings {
        try self.settings("client-\(role)", role: role, hosts: [])
    }

    /// Puts another authority's files in the place of this one's server files.
    func replaceServer(with other: TestCertificates) throws {
        let settings = try other.server()
        for (name, path) in [
            ("server.pem", settings.certificateChainPath), ("server.key", settings.privateKeyPath),
            ("authority.pem", settings.trustRootsPath ?? ""),
        ] {
            let bytes = try Data(contentsOf: URL(filePath: path))
            try bytes.write(to: self.folder.appending(path: name), options: .atomic)
        }
    }

    /// Puts something that is no certificate in the place of the server's.
    func spoilServer() throws {
        try self.write("server.pem", "-----BEGIN CERTIFICATE-----\nhalf of")
    }

    private func settings(_ name: String, role: String, hosts: [String]) throws -> TLSSettings {
        let identity = try self.authority.issue(name: name, role: role, hosts: hosts, days: Self.days, now: Self.now)
        try self.write("\(name).pem", identity.certificatePEM)
        try self.write("\(name).key", identity.privateKeyPEM)
        return TLSSettings(
            certificateChainPath: self.folder.appending(path: "\(name).pem").path,
            privateKeyPath: self.folder.appending(path: "\(name).key").path,
            trustRootsPath: self.folder.appending(path: "authority.pem").path,
        )
    }

    private func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: self.folder.appending(path: name), options: .atomic)
    }
}
