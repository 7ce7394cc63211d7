import Cryptography
import Primitives

/// What verifiers ask each other besides the monitoring path of tlog-witness; all below the hash of a log's origin.
enum PeerPath {
    /// The largest checkpoint that the verifier has verified, cosigned or not.
    static let seen = "seen"
    /// Proof that the log forked, once there is one.
    static let evidence = "evidence"
    /// The root that the entries gave at a size, in base64 and a line feed; only a claim.
    ///
    /// The size follows in decimal.
    static let root = "root/"

    static func path(_ hash: String, _ name: String) -> String { "/\(hash)/\(name)" }
}
