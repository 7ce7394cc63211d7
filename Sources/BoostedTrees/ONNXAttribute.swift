internal import CIndelibleProto
internal import Primitives
internal import ProtobufC

/// A named value of an ONNX node.
struct ONNXAttribute {
    let name: String
    let integer: Int64
    let text: String
    let floats: [Float]
    let integers: [Int64]
    let texts: [String]
    /// Whether a tensor holds numbers that are not binary32, uint8 or int64.
    let hasOtherNumbers: Bool

    /// Types of elements, as ONNX numbers them.
    private enum Element {
        static let single: Int32 = 1
        static let byte: Int32 = 2
        static let long: Int32 = 7
    }

    @unsafe init(_ attribute: UnsafePointer<Onnx__Trees__Attribute>) {
        let value = unsafe attribute.pointee
        self.name = unsafe String(field: value.name)
        self.integer = unsafe value.i
        self.text = unsafe String(decoding: value.s.buffer, as: UTF8.self)
        let tensor = unsafe value.t
        let listed = unsafe (0..<value.n_floats).map { unsafe value.floats[$0] }
        let counted = unsafe (0..<value.n_ints).map { unsafe value.ints[$0] }
        self.floats = unsafe tensor.flatMap { unsafe Self.floats($0) } ?? listed
        self.integers = unsafe tensor.flatMap { unsafe Self.integers($0) } ?? counted
        self.texts = unsafe (0..<value.n_strings).map {
            unsafe String(decoding: value.strings[$0].buffer, as: UTF8.self)
        }
        self.hasOtherNumbers =
            unsafe tensor.map { tensor in
                unsafe ![Element.single, Element.byte, Element.long].contains(tensor.pointee.data_type)
            } ?? false
    }

    /// The elements of a tensor of binary32; `nil` for any other.
    @unsafe static func floats(_ tensor: UnsafePointer<Onnx__Trees__Tensor>) -> [Float]? {
        let tensor = unsafe tensor.pointee
        guard unsafe tensor.data_type == Element.single else { return nil }
        if unsafe tensor.n_float_data > 0 {
            return unsafe (0..<tensor.n_float_data).map { unsafe tensor.float_data[$0] }
        }
        return unsafe Self.words(tensor.raw_data.bytes, byteCount: 4).map { Float(bitPattern: UInt32($0)) }
    }

    /// The elements of a tensor of uint8 or int64; `nil` for any other.
    @unsafe private static func integers(_ tensor: UnsafePointer<Onnx__Trees__Tensor>) -> [Int64]? {
        let tensor = unsafe tensor.pointee
        switch unsafe tensor.data_type {
        case Element.byte:
            if unsafe tensor.n_int32_data > 0 {
                return unsafe (0..<tensor.n_int32_data).map { unsafe Int64(tensor.int32_data[$0]) }
            }
            return unsafe tensor.raw_data.bytes.map(Int64.init)
        case Element.long:
            if unsafe tensor.n_int64_data > 0 {
                return unsafe (0..<tensor.n_int64_data).map { unsafe tensor.int64_data[$0] }
            }
            return unsafe Self.words(tensor.raw_data.bytes, byteCount: 8).map { Int64(bitPattern: $0) }
        default: return nil
        }
    }

    /// Little-endian, as raw data always is; a part of a word at the end is left out.
    private static func words(_ bytes: [UInt8], byteCount: Int) -> [UInt64] {
        (0..<bytes.count / byteCount).map { word in
            (0..<byteCount).reduce(0) { $0 | UInt64(bytes[word * byteCount + $1]) << UInt64(8 * $1) }
        }
    }
}
