internal import Primitives

/// One tree of a LightGBM text model: arrays over its splits, and values over its leaves.
struct LightGBMTree {
    private let index: Int
    private let features: [Int32]
    /// Largest value that goes left; for a categorical split the number of its set.
    private let thresholds: [Double]
    private let decisions: [UInt8]
    /// At or above 0 a split, below 0 the complement of a leaf's number.
    private let left: [Int32]
    private let right: [Int32]
    private let values: [Double]
    /// Training rows that met each split and then each leaf; empty when the file does not say.
    private let covers: [Double]
    private let setBoundaries: [Int]
    private let setWords: [UInt32]

    private enum Decision {
        static let categorical: UInt8 = 1
        static let defaultLeft: UInt8 = 2
        /// Two bits: how a missing value shows.
        static func missing(_ decision: UInt8) -> UInt8 { decision >> 2 & 3 }
        static let missingNone: UInt8 = 0
        static let missingZero: UInt8 = 1
        static let missingNaN: UInt8 = 2
    }

    init(_ section: LightGBMLines.Section, index: Int) throws(IndelibleError) {
        guard (section["is_linear"] ?? "0") == "0" else {
            throw .model("tree \(index) has linear leaves, which are not supported")
        }
        let leaves = try section.count("num_leaves")
        guard leaves >= 1 else { throw .model("tree \(index) has no leaf") }
        let sets = try section["num_cat"] == nil ? 0 : section.count("num_cat")
        self.index = index
        self.features = try section.numbers("split_feature", count: leaves - 1)
        self.thresholds = try section.numbers("threshold", count: leaves - 1)
        self.decisions = try section.numbers("decision_type", count: leaves - 1)
        self.left = try section.numbers("left_child", count: leaves - 1)
        self.right = try section.numbers("right_child", count: leaves - 1)
        self.values = try section.numbers("leaf_value", count: leaves)
        let isCounted = section["leaf_count"] != nil && (leaves == 1 || section["internal_count"] != nil)
        self.covers =
            !isCounted
            ? []
            : try section.numbers("internal_count", count: leaves - 1) + section.numbers("leaf_count", count: leaves)
        self.setBoundaries = sets == 0 ? [] : try section.numbers("cat_boundaries", count: sets + 1)
        let wordCount = self.setBoundaries.last ?? 0
        guard self.setBoundaries.first ?? 0 == 0,
            zip(self.setBoundaries, self.setBoundaries.dropFirst()).allSatisfy({ $0 <= $1 })
        else { throw .model("tree \(index) has category boundaries out of order") }
        self.setWords = wordCount == 0 ? [] : try section.numbers("cat_threshold", count: wordCount)
    }

    func append(to builder: inout EnsembleBuilder<Double>, group: Int) throws(IndelibleError) {
        let splits = self.features.count
        try builder.append(
            root: 0,
            nodeCount: splits + self.values.count,
            group: group,
            leafWidth: 1,
            cover: { self.covers.isEmpty ? nil : self.covers[$0] },
        ) { (node) throws(IndelibleError) in
            node < splits
                ? try self.split(node)
                : .leaf(number: node - splits, values: self.values[node - splits...node - splits])
        }
    }

    private func split(_ node: Int) throws(IndelibleError) -> EnsembleBuilder<Double>.Source {
        let decision = self.decisions[node]
        let threshold = self.thresholds[node]
        let test: EnsembleBuilder<Double>.Test
        let missingGoesRight: Bool
        if decision & Decision.categorical != 0 {
            test = .notInSet(try self.categories(node))
            missingGoesRight = true
        } else {
            let missing = Decision.missing(decision)
            switch missing {
            case Decision.missingNone: missingGoesRight = 0 > threshold  // A missing value counts as zero.
            case Decision.missingZero, Decision.missingNaN: missingGoesRight = decision & Decision.defaultLeft == 0
            default: throw .model("tree \(self.index), split \(node) has an unknown kind of missing value")
            }
            test = .above(Self.withTinyAsZero(threshold), zeroIsMissing: missing == Decision.missingZero)
        }
        return .split(
            feature: Int(self.features[node]),
            test: test,
            left: self.position(self.left[node]),
            right: self.position(self.right[node]),
            missingGoesRight: missingGoesRight,
        )
    }

    /// The library takes tiny values for zero before it compares them; a threshold among them is moved to where the plain
    /// comparison then decides as the library does for zero.
    private static func withTinyAsZero(_ threshold: Double) -> Double {
        let zeroMax = TreeEnsemble<Double>.zeroMax
        guard (-zeroMax..<zeroMax).contains(threshold) else { return threshold }
        return threshold < 0 ? (-zeroMax).nextDown : zeroMax
    }

    /// Leaves are numbered after the splits.
    private func position(_ child: Int32) -> Int { child >= 0 ? Int(child) : self.features.count + Int(~child) }

    private func categories(_ node: Int) throws(IndelibleError) -> [Int32] {
        guard let set = Int(exactly: self.thresholds[node]), set >= 0, set + 1 < self.setBoundaries.count else {
            throw .model("tree \(self.index), split \(node) refers to a category set that does not exist")
        }
        let words = self.setWords[self.setBoundaries[set]..<self.setBoundaries[set + 1]]
        var categories: [Int32] = []
        for (position, word) in words.enumerated() {
            for bit in 0..<32 where word >> UInt32(bit) & 1 != 0 {
                guard let category = Int32(exactly: position * 32 + bit) else {
                    throw .model("tree \(self.index), split \(node) has a category beyond 31 bits")
                }
                categories.append(category)
            }
        }
        return categories
    }
}
