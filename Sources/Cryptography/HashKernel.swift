internal import CHashing
package import Primitives

/// One way to compute many SHA-256 hashes at once, chosen for the processor at hand.
///
/// All kernels give the same digests; they differ in speed only. Take ``best``; name one only to compare kernels.
package struct HashKernel: Sendable, Hashable {
    /// The C enum's value, kept as a number so that no C type is part of the interface.
    private let number: UInt32

    private var kernel: ind_sha256_kernel { ind_sha256_kernel(self.number) }

    private init(_ number: UInt32) { self.number = number }

    /// Plain C: right on every machine, and what is left when nothing else can be trusted.
    package static let portable = Self(IND_SHA256_PORTABLE.rawValue)

    /// The fastest kernel that agreed with libcrypto when it was first used.
    package static let best = Self.available.last { $0.agreesWithLibcrypto() } ?? .portable

    /// Every kernel that this machine can run, slowest first; never empty.
    package static let available = (0..<UInt32(IND_SHA256_KERNELS)).map(Self.init).filter {
        ind_sha256_kernel_available($0.kernel) != 0
    }

    /// Such as `avx512`: for logs, metrics and measurements.
    package var name: String { unsafe String(cString: ind_sha256_kernel_name(self.kernel)) }

    /// Finds a kernel by its ``name``.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when there is none of that name or this machine cannot run it.
    package static func named(_ name: String) throws(IndelibleError) -> HashKernel {
        if let kernel = Self.available.first(where: { $0.name == name }) { return kernel }
        let names = Self.available.map(\.name).joined(separator: ", ")
        throw IndelibleError(.invalidArgument, "No hash kernel \"\(name)\" on this machine. Choose one of: \(names).")
    }

    /// RFC 6962 leaf hashes, SHA-256(0x00 ‖ entry), of the entries that stand in `ranges` of `bytes`, in order.
    ///
    /// - Precondition: `bytes` are below 4 GiB.
    package func leafHashes(in bytes: Span<UInt8>, _ ranges: [Range<Int>]) -> [Digest] {
        precondition(ranges.allSatisfy { $0.upperBound <= bytes.count }, "entries stand in the bytes")
        let offsets = ranges.map { UInt32($0.lowerBound) }
        let lengths = ranges.map { UInt32($0.count) }
        var hashes = [UInt8](repeating: 0, count: ranges.count * Digest.byteCount)
        unsafe bytes.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return }
            unsafe self.leafHashes(base: base, offsets: offsets, lengths: lengths, count: ranges.count, out: &hashes)
        }
        return unsafe hashes.withUnsafeBytes { hashes in
            ranges.indices.map { position in
                let start = position * Digest.byteCount
                return unsafe Digest(copying: UnsafeRawBufferPointer(rebasing: hashes[start...]))
            }
        }
    }

    /// RFC 6962 leaf hashes, SHA-256(0x00 ‖ entry), of entries in one buffer.
    ///
    /// - Parameters:
    ///   - base: Where offsets count from.
    ///   - offsets: First byte of each entry, `count` of them.
    ///   - lengths: Byte count of each entry, `count` of them.
    ///   - count: Number of entries; 0 is fine.
    ///   - out: Receives 32 bytes for each entry, in order.
    @unsafe package func leafHashes(
        base: UnsafePointer<UInt8>,
        offsets: UnsafePointer<UInt32>,
        lengths: UnsafePointer<UInt32>,
        count: Int,
        out: UnsafeMutablePointer<UInt8>,
    ) {
        unsafe ind_leaf_hashes(self.kernel, base, offsets, lengths, count, out)
    }

    /// As ``leafHashes(base:offsets:lengths:count:out:)``, faster because it borrows the byte before each entry.
    ///
    /// That byte must exist and belong to no entry; the low byte of an entry's length does. It is zero while its entry is
    /// read and has its old value again on return, so nobody else may read the buffer meanwhile.
    @unsafe package func leafHashesPrefixed(
        base: UnsafeMutablePointer<UInt8>,
        offsets: UnsafePointer<UInt32>,
        lengths: UnsafePointer<UInt32>,
        count: Int,
        out: UnsafeMutablePointer<UInt8>,
    ) {
        unsafe ind_leaf_hashes_prefixed(self.kernel, base, offsets, lengths, count, out)
    }

    /// RFC 6962 node hashes, SHA-256(0x01 ‖ left ‖ right), of pairs of digests that stand side by side.
    ///
    /// - Parameters:
    ///   - children: 64 bytes for each pair.
    ///   - count: Number of pairs; 0 is fine.
    ///   - out: Receives 32 bytes for each pair, in order; may be `children`, or one digest later.
    @unsafe package func nodeHashes(
        children: UnsafePointer<UInt8>,
        count: Int,
        out: UnsafeMutablePointer<UInt8>,
    ) {
        unsafe ind_node_hashes(self.kernel, children, count, out)
    }
}

extension HashKernel {
    /// Entry lengths around every block and padding boundary, more of them than any kernel has lanes.
    private static let sampleLengths: [UInt32] = [
        0, 1, 54, 55, 56, 62, 63, 64, 65, 118, 119, 120, 126, 127, 128, 129, 500, 1, 1_000, 63, 64, 4_096, 55, 500,
    ]

    /// Whether this kernel passes its own known answers and hashes a sample as libcrypto does.
    ///
    /// A library that is itself out of order counts as disagreement: plain C remains.
    private func agreesWithLibcrypto() -> Bool {
        guard ind_sha256_self_check() & (1 << self.number) == 0 else { return false }
        let lengths = Self.sampleLengths
        var offsets: [UInt32] = []
        var end: UInt32 = 0
        for length in lengths {
            offsets.append(end + 2)
            end += 2 + length
        }
        var bundle = (0..<end).map { UInt8(truncatingIfNeeded: $0 &* 0x9e37_79b1 >> 24) }
        let expected = (try? Self.libcryptoHashes(of: bundle, offsets: offsets, lengths: lengths)) ?? []
        var leaves = [UInt8](repeating: 0, count: lengths.count * Digest.byteCount)
        var nodes = [UInt8](repeating: 0, count: leaves.count / 2)
        unsafe self.leafHashesPrefixed(
            base: &bundle,
            offsets: offsets,
            lengths: lengths,
            count: lengths.count,
            out: &leaves,
        )
        unsafe self.nodeHashes(children: leaves, count: lengths.count / 2, out: &nodes)
        return leaves + nodes == expected
    }

    /// The leaf hashes of the sample, then the node hashes of their pairs.
    private static func libcryptoHashes(
        of bundle: [UInt8],
        offsets: [UInt32],
        lengths: [UInt32],
    ) throws(IndelibleError) -> [UInt8] {
        var leaves: [UInt8] = []
        for (offset, length) in zip(offsets, lengths) {
            let entry = Array(bundle[Int(offset)..<Int(offset + length)])
            leaves += try SHA256.hash([0x00], entry).bytes
        }
        var nodes: [UInt8] = []
        for start in stride(from: 0, to: leaves.count, by: 2 * Digest.byteCount) {
            nodes += try SHA256.hash([0x01], Array(leaves[start..<start + 2 * Digest.byteCount])).bytes
        }
        return leaves + nodes
    }
}
