internal import Primitives

/// Checks trees one by one and compiles them into an ensemble.
///
/// A model file may claim anything: child positions outside the tree, cycles, features that no row has. Nothing of that
/// survives ``append(root:nodeCount:group:leafWidth:read:)``.
struct EnsembleBuilder<Scalar: BinaryFloatingPoint & Sendable>: ~Copyable {
    /// A node as its file describes it, with children by the file's own numbers.
    enum Source {
        /// - `number`: what the library calls this leaf. `values`: one per group that the tree adds to.
        case leaf(number: Int, values: ArraySlice<Scalar>)
        case split(feature: Int, test: Test, left: Int, right: Int, missingGoesRight: Bool)
    }

    enum Test {
        /// Right when the value is above the threshold.
        case above(Scalar, zeroIsMissing: Bool)
        case inSet([Int32])
        case notInSet([Int32])
        /// Right when the value equals one of these, to the bit; none is NaN.
        case oneOf([Float])
    }

    private let limits: ModelLimits
    private(set) var ensemble: TreeEnsemble<Scalar>
    private var categoryCount = 0

    /// - Throws: ``IndelibleError/Code/resourceExhausted`` for more features or groups than `limits` allows.
    init(featureCount: Int, baseMargins: [Scalar], limits: ModelLimits) throws(IndelibleError) {
        guard (0...limits.featureCountMax).contains(featureCount) else {
            throw .model("it claims \(featureCount) features; at most \(limits.featureCountMax) are allowed")
        }
        guard (1...limits.groupCountMax).contains(baseMargins.count) else {
            throw .model("it claims \(baseMargins.count) output groups; 1 to \(limits.groupCountMax) are allowed")
        }
        guard baseMargins.allSatisfy(\.isFinite) else { throw .model("its base score is not a finite number") }
        self.limits = limits
        self.ensemble = TreeEnsemble(featureCount: featureCount, baseMargins: baseMargins)
    }

    consuming func finish() -> TreeEnsemble<Scalar> { self.ensemble }

    /// Base margins are added to the quotient of a sum and `divisor`, rather than before the first tree.
    mutating func addsBaseLast(divisor: Scalar) {
        self.ensemble.startsFromBase = false
        self.ensemble.divisor = divisor
    }

    var treeCount: Int { self.ensemble.trees.count }

    /// Adds the tree that hangs from `root`; nodes that the root does not reach are left out.
    ///
    /// `read` gives the node with a number below `nodeCount`, `cover` what training rows it met.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` naming the tree and the node.
    mutating func append(
        root: Int,
        nodeCount: Int,
        group: Int,
        leafWidth: Int,
        cover: (Int) -> Double? = { _ in nil },
        read: (Int) throws(IndelibleError) -> Source,
    ) throws(IndelibleError) {
        let tree = self.ensemble.trees.count
        guard tree < self.limits.treeCountMax else {
            throw .model("it has more than \(self.limits.treeCountMax) trees")
        }
        guard nodeCount <= self.limits.nodeCountMax - self.ensemble.nodes.count else {
            throw .model("it has more than \(self.limits.nodeCountMax) nodes")
        }
        guard group >= 0, leafWidth >= 1, group + leafWidth <= self.ensemble.groupCount else {
            throw .model("tree \(tree) adds to output group \(group), which does not exist")
        }
        let first = self.ensemble.nodes.count
        var visited = [Bool](repeating: false, count: nodeCount)
        /// What is still to be placed, and the split whose right child it is.
        var pending: [(number: Int, parent: Int?)] = [(root, nil)]
        while let (number, parent) = pending.popLast() {
            guard visited.indices.contains(number) else {
                throw .model("tree \(tree) refers to node \(number), but it has only \(nodeCount)")
            }
            guard !visited[number] else { throw .model("tree \(tree) reaches node \(number) twice") }
            visited[number] = true
            let position = self.ensemble.nodes.count
            self.ensemble.covers.append(cover(number) ?? .nan)
            if let parent { self.linkRight(of: parent, to: position) }
            switch try read(number) {
            case .leaf(let label, let values):
                try self.appendLeaf(label, values, width: leafWidth, place: "tree \(tree), node \(number)")
            case .split(let feature, let test, let left, let right, let missingGoesRight):
                guard (0..<self.ensemble.featureCount).contains(feature) else {
                    throw .model("tree \(tree), node \(number) reads feature \(feature), which no row has")
                }
                try self.appendSplit(feature, test, missingGoesRight, place: "tree \(tree), node \(number)")
                pending.append((right, position))
                pending.append((left, nil))
            }
        }
        self.ensemble.trees.append(
            .init(root: first, end: self.ensemble.nodes.count, group: group, leafWidth: leafWidth)
        )
    }

    private mutating func linkRight(of parent: Int, to position: Int) {
        let node = self.ensemble.nodes[parent]
        self.ensemble.nodes[parent] = TreeNode(
            kind: node.kind,
            threshold: node.threshold,
            feature: node.feature,
            right: UInt32(position),
            missingGoesRight: node.missingGoesRight,
            set: UInt32(node.set),
        )
    }

    private mutating func appendLeaf(
        _ label: Int,
        _ values: ArraySlice<Scalar>,
        width: Int,
        place: String,
    ) throws(IndelibleError) {
        guard values.count == width, values.allSatisfy(\.isFinite) else {
            throw .model("\(place) is a leaf without \(width) finite value(s)")
        }
        guard let number = UInt32(exactly: label) else { throw .model("\(place) is a leaf numbered \(label)") }
        self.ensemble.nodes.append(
            TreeNode(
                kind: .leaf,
                threshold: 0,
                feature: UInt32(self.ensemble.leafValues.count),
                right: number,
                missingGoesRight: false,
                set: 0,
            )
        )
        self.ensemble.leafValues += values
    }

    private mutating func appendSplit(
        _ feature: Int,
        _ test: Test,
        _ missingGoesRight: Bool,
        place: String,
    ) throws(IndelibleError) {
        var threshold: Scalar = 0
        var set = 0
        let kind: TreeNode<Scalar>.Kind
        switch test {
        case .above(let value, let zeroIsMissing):
            guard !value.isNaN else { throw .model("\(place) compares with NaN") }
            threshold = value
            kind = zeroIsMissing ? .aboveZeroMissing : .above
        case .inSet(let members):
            try Self.checkCategories(members, place: place)
            set = try self.appendSet(members, place: place)
            kind = .inSet
        case .notInSet(let members):
            try Self.checkCategories(members, place: place)
            set = try self.appendSet(members, place: place)
            kind = .notInSet
        case .oneOf(let values):
            guard !values.contains(where: \.isNaN) else { throw .model("\(place) compares with NaN") }
            set = try self.appendSet(values.map { TreeEnsemble<Float>.pattern($0) }, place: place)
            kind = .oneOf
        }
        self.ensemble.nodes.append(
            TreeNode(
                kind: kind,
                threshold: threshold,
                feature: UInt32(feature),
                right: 0,
                missingGoesRight: missingGoesRight,
                set: UInt32(set),
            )
        )
    }

    private static func checkCategories(_ members: [Int32], place: String) throws(IndelibleError) {
        guard members.allSatisfy({ $0 >= 0 }) else { throw .model("\(place) has a negative category") }
    }

    private mutating func appendSet(_ members: [Int32], place: String) throws(IndelibleError) -> Int {
        self.categoryCount += members.count
        guard self.categoryCount <= self.limits.categoryCountMax else {
            throw .model("it has more than \(self.limits.categoryCountMax) categories in its splits")
        }
        var sorted: [Int32] = []
        for member in members.sorted() where sorted.last != member { sorted.append(member) }
        self.ensemble.categorySets.append(sorted)
        return self.ensemble.categorySets.count - 1
    }
}

extension IndelibleError {
    /// A model file that cannot be used, and why.
    static func model(_ reason: String) -> IndelibleError {
        IndelibleError(
            .invalidArgument,
            "This model file cannot be loaded: \(reason). Export it again from the library that trained it.",
        )
    }
}
