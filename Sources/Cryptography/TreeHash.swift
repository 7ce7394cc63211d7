internal import CHashing
package import Primitives

/// Hash of one log entry: SHA-256(0x00 ‖ entry) (RFC 6962, section 2.1).
///
/// For many entries in one buffer, ``HashKernel`` is an order of magnitude faster.
package enum LeafHash {
    package static func hash(_ entry: [UInt8]) -> Digest { Self.hash(entry.span) }

    package static func hash(_ entry: Span<UInt8>) -> Digest {
        unsafe entry.withUnsafeBufferPointer { unsafe Digest.sha256(prefix: 0x00, UnsafeRawBufferPointer($0)) }
    }
}

/// Hash of an inner node: SHA-256(0x01 ‖ left ‖ right) (RFC 6962, section 2.1).
package enum NodeHash {
    package static func hash(left: Digest, right: Digest) -> Digest {
        var pair = (left, right)
        return unsafe withUnsafeBytes(of: &pair) { unsafe Digest.sha256(prefix: 0x01, $0) }
    }
}

extension Digest {
    fileprivate static func sha256(prefix: Int32, _ bytes: UnsafeRawBufferPointer) -> Digest {
        let words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        var digest = words
        return unsafe withUnsafeMutableBytes(of: &digest) { digest in
            let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            if let out = unsafe digest.baseAddress?.assumingMemoryBound(to: UInt8.self) {
                unsafe ind_sha256(prefix, start, bytes.count, out)
            }
            return unsafe Digest(copying: UnsafeRawBufferPointer(digest))
        }
    }
}
