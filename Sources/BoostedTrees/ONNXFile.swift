internal import CIndelibleProto
internal import Primitives
internal import ProtobufC

/// The one node of an ONNX file that holds trees, and what stands around it.
///
/// Decoded with protobuf-c, an attribute at a time, so that memory stays within a multiple of the largest one.
struct ONNXFile {
    let operation: String
    let attributes: [String: ONNXAttribute]
    /// Values in a row, where the file says.
    let featureCount: Int?

    /// What protobuf-c may take for each byte that it decodes: a field of two bytes becomes a descriptor of 40 and a number
    /// of 8, in tables that double.
    private static let memoryFactor = 64
    /// Memory for a message that is nearly empty.
    private static let memoryFloor = 1 << 16
    private static let domain = "ai.onnx.ml"

    private static let modelType = unsafe ProtoType(onnx__trees__model__init)
    private static let attributeType = unsafe ProtoType(onnx__trees__attribute__init)

    /// - Throws: ``IndelibleError/Code/invalidArgument`` unless there is exactly one node with trees, and nothing after it
    ///   changes a number.
    init(_ bytes: [UInt8], limits: ModelLimits) throws(IndelibleError) {
        let graph = unsafe try Self.decode(Self.modelType, bytes, limits) { (model) throws(IndelibleError) in
            unsafe try Self.graph(model)
        }
        let trees = graph.nodes.filter { $0.domain == Self.domain && $0.operation.hasPrefix("TreeEnsemble") }
        guard trees.count == 1 else { throw .model("it has \(trees.count) nodes with trees; one is supported") }
        for node in graph.nodes where node.operation != trees[0].operation {
            guard node.changesNothing(ones: graph.ones) else {
                throw .model("its node \"\(node.operation)\" beside the trees is not supported")
            }
        }
        var attributes: [String: ONNXAttribute] = [:]
        for encoded in trees[0].attributes {
            let attribute = unsafe try Self.decode(Self.attributeType, encoded, limits) {
                (attribute) throws(IndelibleError) in
                unsafe ONNXAttribute(attribute)
            }
            guard attributes.updateValue(attribute, forKey: attribute.name) == nil else {
                throw .model("the attribute \"\(attribute.name)\" appears twice")
            }
        }
        self.operation = trees[0].operation
        self.attributes = attributes
        self.featureCount = graph.featureCount
    }

    private struct Node {
        let operation: String
        let domain: String
        let inputs: [String]
        let attributes: [[UInt8]]

        /// Whether the node hands numbers on as they are; labels may be cast, probabilities put in a map.
        func changesNothing(ones: Set<String>) -> Bool {
            switch self.operation {
            case "Identity", "Cast", "ZipMap": true
            case "Mul": self.inputs.contains(where: ones.contains)
            default: false
            }
        }
    }

    private struct Graph {
        let nodes: [Node]
        /// Names of constants that are the number 1.
        let ones: Set<String>
        let featureCount: Int?
    }

    private static func decode<Message: BitwiseCopyable, Result>(
        _ type: ProtoType<Message>,
        _ bytes: [UInt8],
        _ limits: ModelLimits,
        _ body: (UnsafePointer<Message>) throws(IndelibleError) -> Result,
    ) throws(IndelibleError) -> Result {
        let limits = ProtoLimits(
            depthMax: UInt32(limits.nestingMax),
            fieldCountMax: UInt32(bytes.count),
            arenaByteCountMax: Self.memoryFloor + Self.memoryFactor * bytes.count,
        )
        return unsafe try type.withUnpacked(bytes.span, limits, body)
    }

    @unsafe private static func graph(
        _ model: UnsafePointer<Onnx__Trees__Model>
    ) throws(IndelibleError) -> Graph {
        guard let graph = unsafe model.pointee.graph?.pointee else { throw .model("it has no graph") }
        var nodes: [Node] = []
        for position in unsafe 0..<graph.n_node {
            guard let node = unsafe graph.node[position]?.pointee else { continue }
            nodes.append(
                unsafe Node(
                    operation: String(field: node.op_type),
                    domain: String(field: node.domain),
                    inputs: (0..<node.n_input).map { unsafe String(field: node.input[$0]) },
                    attributes: (0..<node.n_attribute).map { unsafe node.attribute[$0].bytes },
                )
            )
        }
        var ones: Set<String> = []
        for position in unsafe 0..<graph.n_initializer {
            guard let tensor = unsafe graph.initializer[position] else { continue }
            if unsafe ONNXAttribute.floats(tensor) == [1] { ones.insert(unsafe String(field: tensor.pointee.name)) }
        }
        var featureCount: Int?
        if unsafe graph.n_input == 1,
            let shape = unsafe graph.input[0]?.pointee.type?.pointee.tensor_type?.pointee.shape,
            unsafe shape.pointee.n_dim == 2, let width = unsafe shape.pointee.dim[1]?.pointee.dim_value, width > 0
        {
            featureCount = Int(width)
        }
        return Graph(nodes: nodes, ones: ones, featureCount: featureCount)
    }
}
