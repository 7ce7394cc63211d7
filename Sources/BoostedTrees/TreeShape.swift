/// What kernels ask of one tree: its leaves from the left, and its splits level by level.
struct TreeShape {
    /// Splits from the root downwards; positions of nodes in the ensemble.
    let splitsByLevel: [Int]
    let leafCount: Int
    /// Splits on the longest way to a leaf.
    let depth: Int
    /// Position of the leftmost leaf's values; those of the others follow.
    let firstValue: Int
    private let root: Int
    private let right: [Int: Int]
    /// Leaves before each node in preorder; from node to its right child they are those of its left child.
    private let leavesBefore: [Int]

    init<Scalar>(_ ensemble: TreeEnsemble<Scalar>, _ tree: TreeEnsemble<Scalar>.Tree) {
        let nodes = ensemble.nodes[tree.root..<tree.end]
        var before: [Int] = []
        before.reserveCapacity(nodes.count)
        var leaf = 0
        var firstValue: Int?
        for node in nodes {
            before.append(leaf)
            guard node.kind == .leaf else { continue }
            leaf += 1
            if firstValue == nil { firstValue = Int(node.feature) }
        }
        var right: [Int: Int] = [:]
        var splits: [Int] = []
        var level = [tree.root]
        var depth = 0
        while true {
            let inner = level.filter { ensemble.nodes[$0].kind != .leaf }
            guard !inner.isEmpty else { break }
            depth += 1
            splits += inner
            level = inner.flatMap { [$0 + 1, Int(ensemble.nodes[$0].right)] }
            for node in inner { right[node] = Int(ensemble.nodes[node].right) }
        }
        self.splitsByLevel = splits
        self.leafCount = leaf
        self.depth = depth
        self.firstValue = firstValue ?? 0
        self.root = tree.root
        self.right = right
        self.leavesBefore = before
    }

    /// Leaves before a node, counted from the left.
    func leaves(before node: Int) -> Int { self.leavesBefore[node - self.root] }

    /// Leaves of a split's left child.
    func leavesLeft(of split: Int) -> Int {
        self.leaves(before: self.right[split] ?? split) - self.leaves(before: split)
    }
}
