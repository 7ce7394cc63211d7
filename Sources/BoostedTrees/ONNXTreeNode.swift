internal import Primitives

/// A split or a leaf of an ONNX tree, with its children by their positions in the tree.
struct ONNXTreeNode {
    struct Vote {
        let group: Int
        let weight: Float
    }

    enum Mode: Int {
        case atMost, below, atLeast, above, equal, unequal, member

        /// - Parameter name: as before version 5.
        init?(name: String) {
            let names = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"]
            guard let number = names.firstIndex(of: name), let mode = Self(rawValue: number) else { return nil }
            self = mode
        }
    }

    struct Split {
        let feature: Int
        let mode: Mode
        let value: Float
        /// Of a member test.
        let members: [Float]
        let missingTracksTrue: Bool
        let ifTrue: Int
        let ifFalse: Int
    }

    /// `nil` for a leaf.
    let split: Split?
    let votes: [Vote]
    /// What ONNX calls this leaf.
    let number: Int

    /// -1 for a leaf.
    var feature: Int { self.split?.feature ?? -1 }

    /// - Throws: ``IndelibleError/Code/invalidArgument`` for a test that is never true.
    func source(first: Int, width: Int, place: String) throws(IndelibleError) -> EnsembleBuilder<Float>.Source {
        guard let split else {
            var values = [Float](repeating: 0, count: width)
            for vote in self.votes { values[vote.group - first] += vote.weight }
            return .leaf(number: self.number, values: values[...])
        }
        /// Whether the branch for true is on the right, and whether a missing value goes there.
        let trueIsRight: Bool
        var missingIsTrue = split.missingTracksTrue
        let test: EnsembleBuilder<Float>.Test
        switch split.mode {
        case .atMost: (test, trueIsRight) = (.above(split.value, zeroIsMissing: false), false)
        case .above: (test, trueIsRight) = (.above(split.value, zeroIsMissing: false), true)
        case .below, .atLeast:
            // At least a number is above the next smaller one, which needs one to exist.
            guard split.value > -.infinity else { throw .model("\(place) compares with \(split.value)") }
            (test, trueIsRight) = (.above(split.value.nextDown, zeroIsMissing: false), split.mode == .atLeast)
        case .equal: (test, trueIsRight) = (.oneOf([split.value]), true)
        case .unequal:
            // A missing value is unequal to everything, whatever else is said about it.
            (test, trueIsRight) = (.oneOf([split.value]), false)
            missingIsTrue = true
        case .member: (test, trueIsRight) = (.oneOf(split.members), true)
        }
        return .split(
            feature: split.feature,
            test: test,
            left: trueIsRight ? split.ifFalse : split.ifTrue,
            right: trueIsRight ? split.ifTrue : split.ifFalse,
            missingGoesRight: missingIsTrue == trueIsRight,
        )
    }
}
