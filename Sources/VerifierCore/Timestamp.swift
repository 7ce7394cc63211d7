internal import CTimestamp
internal import Cryptography
package import Primitives
package import TransparencyLog

/// What a time-stamp authority is asked, and what it answered, about one checkpoint (RFC 3161).
///
/// The imprint is SHA-256 over the signed checkpoint with the log's own signature lines, byte for byte as it is kept, so
/// that `openssl ts -verify -data CHECKPOINT -in TOKEN -CAfile CA` comes to the same conclusion.
package enum Timestamp {
    /// Of a request over HTTP (RFC 3161, section 3.4).
    package static let queryType = "application/timestamp-query"
    /// Bytes of a response that is read.
    package static let responseByteCountMax = 64 << 10

    /// The bytes that are stamped.
    ///
    /// - Throws: as ``SignedNote/verified(by:)`` when the log did not sign it.
    package static func subject(_ checkpoint: SignedCheckpoint, log: VerifierKey) throws(IndelibleError) -> [UInt8] {
        try checkpoint.reduced(to: [log]).bytes
    }

    /// The DER of a request.
    ///
    /// - Parameters:
    ///   - subject: What is to be stamped.
    ///   - nonce: Random; comes back in the answer.
    /// - Throws: ``IndelibleError/Code/internal`` when libcrypto fails.
    package static func request(_ subject: [UInt8], nonce: UInt64) throws(IndelibleError) -> [UInt8] {
        let digest = try SHA256.hash(subject).bytes
        var bytes = [UInt8](repeating: 0, count: IND_TIMESTAMP_REQUEST_BYTES_MAX)
        var count = 0
        if let failed = unsafe ind_timestamp_request(digest, nonce, &bytes, &count) {
            throw IndelibleError(.internal, "libcrypto could not \(unsafe String(cString: failed)).")
        }
        return Array(bytes.prefix(count))
    }

    /// The time that an answer vouches for, in seconds since the Unix epoch.
    ///
    /// - Parameters:
    ///   - response: The DER of a TimeStampResp.
    ///   - subject: What was stamped.
    ///   - nonce: Of the request; `nil` when it is not known any more.
    ///   - authorities: PEM certificates that the signer's must lead to; no NUL.
    /// - Throws: ``IndelibleError/Code/unauthenticated`` when it does not hold.
    package static func verify(
        _ response: [UInt8],
        over subject: [UInt8],
        nonce: UInt64? = nil,
        authorities: String,
    ) throws(IndelibleError) -> UInt64 {
        let digest = try SHA256.hash(subject).bytes
        var seconds: Int64 = 0
        let failed: UnsafePointer<CChar>?
        if var nonce {
            unsafe failed = ind_timestamp_verify(response, response.count, digest, &nonce, authorities, &seconds)
        } else {
            unsafe failed = ind_timestamp_verify(response, response.count, digest, nil, authorities, &seconds)
        }
        if let failed = unsafe failed {
            throw IndelibleError(
                .unauthenticated,
                "The time-stamp does not hold: could not \(unsafe String(cString: failed)).",
            )
        }
        return UInt64(seconds)
    }
}
