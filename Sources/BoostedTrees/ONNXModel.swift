internal import Primitives

/// What an ONNX file with trees says, checked and compiled: TreeEnsembleClassifier, TreeEnsembleRegressor, and TreeEnsemble
/// of ai.onnx.ml 5.
///
/// Sums are taken in binary32 in the order of the trees, and base values are added last, as ONNX Runtime does on one thread.
/// They are added to every output, also to one that no leaf of a row votes for, where ONNX Runtime leaves them out.
struct ONNXModel {
    let ensemble: TreeEnsemble<Float>
    let transform: OutputTransform
    /// The operator and its transformation.
    let objective: String

    /// - Throws: ``IndelibleError/Code/invalidArgument`` with the reason.
    init(_ bytes: [UInt8], limits: ModelLimits) throws(IndelibleError) {
        let file = try ONNXFile(bytes, limits: limits)
        let reader = ONNXNode(file)
        guard !file.attributes.values.contains(where: \.hasOtherNumbers) else {
            throw .model("it has numbers in binary64; convert it to binary32")
        }
        let forest =
            file.operation == "TreeEnsemble"
            ? try ONNXForest(version5: reader, limits: limits) : try ONNXForest(classic: reader, limits: limits)
        let featureMax = forest.trees.joined().map(\.feature).max() ?? -1
        let featureCount = file.featureCount ?? featureMax + 1
        var builder = try EnsembleBuilder<Float>(
            featureCount: featureCount,
            baseMargins: forest.baseValues,
            limits: limits,
        )
        for (index, tree) in forest.trees.enumerated() {
            let groups = Set(tree.flatMap { $0.votes.map(\.group) })
            let isNarrow = groups.count == 1
            let width = isNarrow ? 1 : forest.baseValues.count
            let first = isNarrow ? groups.first ?? 0 : 0
            try builder.append(root: 0, nodeCount: tree.count, group: first, leafWidth: width) {
                (node) throws(IndelibleError) in
                try tree[node].source(first: first, width: width, place: "tree \(index), node \(node)")
            }
        }
        let name = reader.transform
        let divisor: Float
        switch reader.aggregate {
        case "SUM": divisor = 1
        case "AVERAGE": divisor = Float(max(1, forest.trees.count))
        case let other: throw .model("its trees are joined by \(other.prefix(40)); only SUM and AVERAGE are supported")
        }
        switch name {
        case "NONE": self.transform = .identity
        case "LOGISTIC": self.transform = .sigmoid(slope: 1)
        case "SOFTMAX": self.transform = .softmax
        default: throw .model("its transformation \(name.prefix(40)) is not supported")
        }
        builder.addsBaseLast(divisor: divisor)
        self.ensemble = builder.finish()
        self.objective = "\(file.operation) \(name)"
    }
}

/// The attributes of a node with trees, by name and type.
struct ONNXNode {
    private let attributes: [String: ONNXAttribute]
    let isClassifier: Bool

    init(_ file: ONNXFile) {
        self.attributes = file.attributes
        self.isClassifier = file.operation == "TreeEnsembleClassifier"
    }

    func integers(_ name: String) -> [Int64] { self.attributes[name]?.integers ?? [] }

    /// Also when they are in a tensor.
    func floats(_ name: String) -> [Float] {
        (self.attributes[name] ?? self.attributes["\(name)_as_tensor"])?.floats ?? []
    }

    func texts(_ name: String) -> [String] { self.attributes[name]?.texts ?? [] }

    func integer(_ name: String, absent: Int64) -> Int64 { self.attributes[name]?.integer ?? absent }

    /// How leaves of several trees are joined; a number since version 5, text before.
    var aggregate: String {
        guard let attribute = self.attributes["aggregate_function"] else { return "SUM" }
        guard attribute.text.isEmpty else { return attribute.text }
        return Self.name(["AVERAGE", "SUM", "MIN", "MAX"], attribute.integer)
    }

    var transform: String {
        guard let attribute = self.attributes["post_transform"] else { return "NONE" }
        guard attribute.text.isEmpty else { return attribute.text }
        return Self.name(["NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"], attribute.integer)
    }

    private static func name(_ names: [String], _ number: Int64) -> String {
        names.indices.contains(Int(clamping: number)) ? names[Int(clamping: number)] : "\(number)"
    }
}
