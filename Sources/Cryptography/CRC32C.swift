internal import CHashing

/// Checksum against accidents on disk and wire: CRC-32C (RFC 3720, section 12.1).
///
/// No protection against forgery.
package enum CRC32C {
    /// The checksum of `bytes`, or of everything up to their end when `seed` is the checksum of what comes before them.
    package static func checksum(_ bytes: [UInt8], seed: UInt32 = 0) -> UInt32 {
        unsafe ind_crc32c(seed, bytes, bytes.count)
    }

    /// The checksum of `bytes`, or of everything up to their end when `seed` is the checksum of what comes before them.
    package static func checksum(_ bytes: Span<UInt8>, seed: UInt32 = 0) -> UInt32 {
        unsafe bytes.withUnsafeBufferPointer { unsafe ind_crc32c(seed, $0.baseAddress, $0.count) }
    }

    /// The checksum of `bytes`, or of everything up to their end when `seed` is the checksum of what comes before them.
    @unsafe package static func checksum(_ bytes: UnsafeRawBufferPointer, seed: UInt32 = 0) -> UInt32 {
        unsafe ind_crc32c(seed, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
    }
}
