import Cryptography
package import Primitives

/// Where a witness is asked over HTTP, below its URL prefix (C2SP tlog-witness).
package enum WitnessPath {
    package static let addCheckpoint = "/add-checkpoint"

    /// The monitoring path of one log's last cosigned checkpoint.
    package static func checkpoint(of origin: String) throws(IndelibleError) -> String {
        "/\(try SHA256.hash(Array(origin.utf8)).hex)/checkpoint"
    }
}
