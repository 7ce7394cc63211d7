internal import Glibc
internal import NIOSSL
internal import Primitives
internal import Synchronization

/// The TLS context for the next connection: made from the files, and again whenever one of them has changed.
///
/// Open connections keep what they began with.
final class TLSContextSource: Sendable {
    enum Side: Sendable { case server, client }

    /// Tells one state of a file from another without reading it.
    private struct Fingerprint: Equatable {
        let device: UInt
        let inode: UInt
        let byteCount: Int
        let seconds: Int
        let nanoseconds: Int
    }

    private struct State {
        var fingerprints: [Fingerprint?]
        var context: NIOSSLContext
    }

    private let settings: TLSSettings
    private let side: Side
    private let state: Mutex<State>

    /// - Throws: ``IndelibleError/Code/failedPrecondition`` when the files cannot be used.
    init(_ settings: TLSSettings, _ side: Side) throws(IndelibleError) {
        self.settings = settings
        self.side = side
        let state = State(
            fingerprints: Self.fingerprints(settings),
            context: try Self.context(settings, side),
        )
        self.state = Mutex(state)
    }

    /// - Returns: the context, and why newer files were not taken, if so: the former ones stay in force.
    func current() -> (context: NIOSSLContext, failure: IndelibleError?) {
        self.state.withLock { state in
            let fingerprints = Self.fingerprints(self.settings)
            guard fingerprints != state.fingerprints else { return (state.context, nil) }
            do throws(IndelibleError) {
                state.context = try Self.context(self.settings, self.side)
                state.fingerprints = fingerprints
                return (state.context, nil)
            } catch {
                return (state.context, error)
            }
        }
    }

    private static func context(_ settings: TLSSettings, _ side: Side) throws(IndelibleError) -> NIOSSLContext {
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(settings.certificateChainPath)
                .map { NIOSSLCertificateSource.certificate($0) }
            let key = NIOSSLPrivateKeySource.privateKey(
                try NIOSSLPrivateKey(file: settings.privateKeyPath, format: .pem)
            )
            var configuration: TLSConfiguration
            switch side {
            case .server:
                configuration = .makeServerConfiguration(certificateChain: chain, privateKey: key)
                configuration.certificateVerification = settings.trustRootsPath == nil ? .none : .noHostnameVerification
            case .client:
                configuration = .makeClientConfiguration()
                configuration.certificateChain = chain
                configuration.privateKey = key
            }
            if let path = settings.trustRootsPath {
                configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(path))
            }
            configuration.minimumTLSVersion = .tlsv13
            return try NIOSSLContext(configuration: configuration)
        } catch {
            let trust = settings.trustRootsPath.map { " and the authorities \($0)" } ?? ""
            throw IndelibleError(
                .failedPrecondition,
                """
                Could not use the certificate \(settings.certificateChainPath) with the key \
                \(settings.privateKeyPath)\(trust). Check that the files exist, can be read, are PEM, and belong \
                together.
                """,
                cause: error,
            )
        }
    }

    private static func fingerprints(_ settings: TLSSettings) -> [Fingerprint?] {
        [settings.certificateChainPath, settings.privateKeyPath, settings.trustRootsPath ?? ""].map { path in
            var status = stat()
            guard unsafe stat(path, &status) == 0 else { return nil }
            return Fingerprint(
                device: status.st_dev,
                inode: status.st_ino,
                byteCount: status.st_size,
                seconds: status.st_mtim.tv_sec,
                nanoseconds: status.st_mtim.tv_nsec,
            )
        }
    }
}
