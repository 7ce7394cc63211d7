internal import JSONText
internal import Primitives

extension ModelDocument {
    /// Reads the JSON form, packing arrays of numbers as they come.
    ///
    /// Numbers are rounded once, from their decimal text to binary32, as the training library does.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` with line and column.
    static func json(_ bytes: [UInt8], limits: ModelLimits) throws(IndelibleError) -> ModelDocument {
        let options = JSONOptions(depthMax: limits.nestingMax, byteCountMax: limits.fileByteCountMax)
        do throws(JSONError) {
            var reader = JSONReader(bytes, options: options)
            try reader.checkStart()
            let document = try Self.value(&reader)
            try reader.finish()
            return document
        } catch { throw error.indelible("This model file") }
    }

    private static func value(_ reader: inout JSONReader) throws(JSONError) -> ModelDocument {
        switch try reader.peek() {
        case .null:
            try reader.readNull()
            return .null
        case .bool: return .truth(try reader.readBool())
        case .string: return .text(try reader.readString())
        case .number: return try Self.number(&reader)
        case .array: return try Self.array(&reader)
        case .object:
            var members: [String: ModelDocument] = [:]
            try reader.readObject { key, reader throws(JSONError) in
                guard members.updateValue(try Self.value(&reader), forKey: key) == nil else {
                    throw reader.failure("the key \"\(key)\" appears twice in one object")
                }
            }
            return .object(members)
        }
    }

    private static func number(_ reader: inout JSONReader) throws(JSONError) -> ModelDocument {
        let number = try reader.readNumber()
        if let integer = number.int.flatMap(Int32.init(exactly:)) { return .integer(integer) }
        guard let real = number.float else { throw reader.failure("\(number.text) is beyond binary32") }
        return .real(real)
    }

    private static func array(_ reader: inout JSONReader) throws(JSONError) -> ModelDocument {
        var packing = ModelDocument.Packing()
        try reader.readArray { reader throws(JSONError) in packing.append(try Self.value(&reader)) }
        return packing.finish()
    }
}
