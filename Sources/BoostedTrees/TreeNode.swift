/// One split or leaf of a compiled tree.
///
/// Nodes lie in preorder: a split's left child is the next node, so only the right child needs a position.
package struct TreeNode<Scalar: BinaryFloatingPoint & Sendable>: Sendable {
    package enum Kind: UInt32, Sendable {
        case leaf = 0
        /// Right when the value is above ``threshold``.
        case above = 1
        /// As ``above``, but values within the library's zero range count as missing (LightGBM's `zero_as_missing`).
        case aboveZeroMissing = 2
        /// Right when the value's whole part is in the category set; a negative value is in none (XGBoost).
        case inSet = 3
        /// Right when the value's whole part is not in the category set; -0.5 has the whole part 0 (LightGBM).
        case notInSet = 4
        /// Right when the value equals one of the set's, which are the bits of binary32 (ONNX).
        case oneOf = 5
    }

    /// Of a numerical split; zero elsewhere.
    package let threshold: Scalar
    /// Of a split the feature's position in a row, of a leaf the position of its first value.
    package let feature: UInt32
    /// Of a split the position of its right child, of a leaf the number that its library gives it.
    package let right: UInt32
    /// Lowest three bits the kind, then whether a missing value goes right, then the position of the category set.
    private let bits: UInt32

    private static var missingRightBit: UInt32 { 8 }
    private static var setShift: UInt32 { 4 }
    /// Category sets that one ensemble can hold.
    package static var setCountMax: Int { 1 << 28 }

    package init(
        kind: Kind,
        threshold: Scalar,
        feature: UInt32,
        right: UInt32,
        missingGoesRight: Bool,
        set: UInt32,
    ) {
        self.threshold = threshold
        self.feature = feature
        self.right = right
        self.bits = kind.rawValue | (missingGoesRight ? Self.missingRightBit : 0) | set << Self.setShift
    }

    package var kind: Kind {
        // Only `init` writes the bits, so every pattern that occurs is a kind.
        Kind(rawValue: self.bits & 7) ?? .leaf
    }

    package var missingGoesRight: Bool { self.bits & Self.missingRightBit != 0 }
    package var set: Int { Int(self.bits >> Self.setShift) }
}
