internal import Cryptography
internal import Primitives

extension TreeEnsemble {
    /// SHA-256 over the compiled form, every number as 64 bits, big-endian.
    ///
    /// Two files have the same hash exactly when they decide and sum alike, node by node.
    func formHash() throws(IndelibleError) -> Digest {
        var writer = try FormWriter()
        try writer.write(MemoryLayout<Scalar>.size, self.featureCount, self.groupCount, self.trees.count)
        for margin in self.baseMargins { try writer.write(margin) }
        // Nothing is written for sums as XGBoost and LightGBM take them.
        if !self.startsFromBase { try writer.write(self.divisor) }
        for tree in self.trees {
            try writer.write(tree.group, tree.leafWidth, tree.end - tree.root)
            for node in self.nodes[tree.root..<tree.end] {
                try writer.write(Int(node.kind.rawValue), node.missingGoesRight ? 1 : 0)
                switch node.kind {
                case .leaf:
                    for offset in 0..<tree.leafWidth { try writer.write(self.leafValues[Int(node.feature) + offset]) }
                case .above, .aboveZeroMissing:
                    try writer.write(Int(node.feature), Int(node.right) - tree.root)
                    try writer.write(node.threshold)
                case .inSet, .notInSet, .oneOf:
                    let set = self.categorySets[node.set]
                    try writer.write(Int(node.feature), Int(node.right) - tree.root, set.count)
                    for category in set { try writer.write(Int(category)) }
                }
            }
        }
        return try writer.finish()
    }
}

/// Collects numbers for a hash, a block at a time.
private struct FormWriter: ~Copyable {
    private var hasher: SHA256Hasher
    private var block: [UInt8]

    private static let blockByteCount = 1 << 14

    init() throws(IndelibleError) {
        self.block = Array("indelible/trees/v1\n".utf8)
        self.hasher = try SHA256Hasher()
    }

    mutating func write(_ values: Int...) throws(IndelibleError) {
        for value in values { try self.append(UInt64(bitPattern: Int64(value))) }
    }

    /// Floating-point values are written as binary64, which holds each of them exactly.
    mutating func write(_ value: some BinaryFloatingPoint) throws(IndelibleError) {
        try self.append(Double(value).bitPattern)
    }

    consuming func finish() throws(IndelibleError) -> Digest {
        let block = self.block
        try self.hasher.update(block.span)
        return try self.hasher.finish()
    }

    private mutating func append(_ word: UInt64) throws(IndelibleError) {
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            self.block.append(UInt8(truncatingIfNeeded: word >> shift))
        }
        guard self.block.count >= Self.blockByteCount else { return }
        let block = self.block
        try self.hasher.update(block.span)
        self.block.removeAll(keepingCapacity: true)
    }
}
