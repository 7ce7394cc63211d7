internal import COpenSSL

/// Comparison of secrets that takes the same time wherever they differ.
package enum ConstantTime {
    /// - Returns: whether both are the same bytes; only the lengths can be learnt from the time that it takes.
    package static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        unsafe left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }
}
