internal import Cryptography
package import Primitives

/// A model file, checked and ready to score rows.
///
/// Raw margins equal the training library's to the last bit. A model is immutable and can be shared by threads.
package struct BoostedModel: Sendable {
    /// The compiled trees, in the arithmetic of the library that trained them.
    package enum Ensemble: Sendable {
        case single(TreeEnsemble<Float>)
        case double(TreeEnsemble<Double>)
    }

    package enum Format: String, Sendable {
        case xgboostJSON = "xgboost-json"
        case xgboostUBJSON = "xgboost-ubjson"
        case lightGBM = "lightgbm-text"
        case onnx = "onnx"
    }

    package let format: Format
    package let ensemble: Ensemble
    package let objective: String
    private let transform: OutputTransform
    private let averagedIterations: Int
    /// By position; empty when the file names none.
    package let featureNames: [String]
    /// What whoever trained the model wrote into it (XGBoost's `set_attr`).
    package let attributes: [String: String]
    /// SHA-256 of the file.
    package let fileHash: Digest
    /// SHA-256 of the compiled form: the same for every file format that says the same.
    package let formHash: Digest

    /// Loads a model; the format is found by its first bytes.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` with what is wrong with the file.
    package init(_ bytes: [UInt8], limits: ModelLimits = ModelLimits()) throws(IndelibleError) {
        guard bytes.count <= limits.fileByteCountMax else {
            throw .model("it has \(bytes.count) bytes; at most \(limits.fileByteCountMax) are read")
        }
        self.fileHash = try SHA256.hash(bytes)
        self.format = try Self.format(bytes)
        switch self.format {
        case .xgboostJSON, .xgboostUBJSON:
            let document =
                self.format == .xgboostJSON
                ? try ModelDocument.json(bytes, limits: limits) : try UBJSONReader.read(bytes, limits: limits)
            let model = try XGBoostModel(document, limits: limits)
            self.ensemble = .single(model.ensemble)
            self.objective = model.objective
            self.transform = model.transform
            self.averagedIterations = 1
            self.attributes = model.attributes
            self.featureNames = model.featureNames
            self.formHash = try model.ensemble.formHash()
        case .lightGBM:
            let model = try LightGBMModel(bytes, limits: limits)
            self.ensemble = .double(model.ensemble)
            self.objective = model.objective
            self.transform = model.transform
            self.averagedIterations = model.averagedIterations
            self.attributes = [:]
            self.featureNames = model.featureNames
            self.formHash = try model.ensemble.formHash()
        case .onnx:
            let model = try ONNXModel(bytes, limits: limits)
            self.ensemble = .single(model.ensemble)
            self.objective = model.objective
            self.transform = model.transform
            self.averagedIterations = 1
            self.attributes = [:]
            self.featureNames = []
            self.formHash = try model.ensemble.formHash()
        }
    }

    /// What the training library calls the prediction for these margins: for people, never for a decision.
    package func predictions(_ margins: [Double]) -> [Double] {
        self.transform.predictions(margins.map { $0 / Double(self.averagedIterations) })
    }

    package var featureCount: Int {
        switch self.ensemble {
        case .single(let ensemble): ensemble.featureCount
        case .double(let ensemble): ensemble.featureCount
        }
    }

    package var groupCount: Int {
        switch self.ensemble {
        case .single(let ensemble): ensemble.groupCount
        case .double(let ensemble): ensemble.groupCount
        }
    }

    package var treeCount: Int {
        switch self.ensemble {
        case .single(let ensemble): ensemble.trees.count
        case .double(let ensemble): ensemble.trees.count
        }
    }

    /// Field 1, a number.
    private static let onnxVersionTag: UInt8 = 0x08

    /// An ONNX file opens with the field of its version; XGBoost's two forms open with a brace; in JSON a quote or white space follows, in UBJSON a length's type.
    private static func format(_ bytes: [UInt8]) throws(IndelibleError) -> Format {
        if bytes.starts(with: "tree\n".utf8) || bytes.starts(with: "tree\r\n".utf8) { return .lightGBM }
        if bytes.first == Self.onnxVersionTag { return .onnx }
        guard bytes.first == UInt8(ascii: "{"), bytes.count > 1 else {
            throw .model("it is neither XGBoost JSON, XGBoost UBJSON, LightGBM text nor ONNX")
        }
        switch bytes[1] {
        case UInt8(ascii: "\""), 0x20, 0x09, 0x0a, 0x0d: return .xgboostJSON
        default: return .xgboostUBJSON
        }
    }
}
