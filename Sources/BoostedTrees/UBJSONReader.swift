internal import Primitives

/// Universal Binary JSON, draft 12, as far as model files use it.
///
/// Lengths are compared with the bytes that are left before anything is allocated.
struct UBJSONReader: ~Copyable {
    private let bytes: [UInt8]
    private let limits: ModelLimits
    private var offset = 0

    /// - Throws: ``IndelibleError/Code/invalidArgument`` with the offset of the first byte that does not fit.
    static func read(_ bytes: [UInt8], limits: ModelLimits) throws(IndelibleError) -> ModelDocument {
        var reader = UBJSONReader(bytes: bytes, limits: limits)
        let document = try reader.value(marker: try reader.marker(), nesting: 0)
        guard reader.offset == bytes.count else { throw reader.refusal("something follows the document") }
        return document
    }

    private init(bytes: [UInt8], limits: ModelLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    private func refusal(_ reason: String) -> IndelibleError { .model("\(reason) (at byte \(self.offset))") }

    private mutating func value(marker: UInt8, nesting: Int) throws(IndelibleError) -> ModelDocument {
        switch marker {
        case UInt8(ascii: "Z"): return .null
        case UInt8(ascii: "T"): return .truth(true)
        case UInt8(ascii: "F"): return .truth(false)
        case UInt8(ascii: "S"): return .text(try self.text())
        case UInt8(ascii: "C"): return .text(String(decoding: [try self.marker()], as: UTF8.self))
        case UInt8(ascii: "d"): return .real(Float(bitPattern: UInt32(truncatingIfNeeded: try self.word(4))))
        case UInt8(ascii: "D"): return .real(Float(Double(bitPattern: try self.word(8))))
        case UInt8(ascii: "["): return try self.array(nesting: nesting + 1)
        case UInt8(ascii: "{"): return try self.object(nesting: nesting + 1)
        default:
            let value = try self.integer(marker: marker)
            return Int32(exactly: value).map(ModelDocument.integer) ?? .real(Float(value))
        }
    }

    private mutating func array(nesting: Int) throws(IndelibleError) -> ModelDocument {
        try self.check(nesting)
        let (type, count) = try self.header()
        var packing = ModelDocument.Packing()
        guard let count else {
            var marker = try self.marker()
            while marker != UInt8(ascii: "]") {
                packing.append(try self.value(marker: marker, nesting: nesting))
                marker = try self.marker()
            }
            return packing.finish()
        }
        guard let type else {
            for _ in 0..<count {
                packing.append(try self.value(marker: try self.marker(), nesting: nesting))
            }
            return packing.finish()
        }
        return try self.packed(type: type, count: count)
    }

    /// The body of a typed array, big-endian.
    private mutating func packed(type: UInt8, count: Int) throws(IndelibleError) -> ModelDocument {
        switch type {
        case UInt8(ascii: "d"):
            var values: [Float] = []
            values.reserveCapacity(count)
            for _ in 0..<count { values.append(Float(bitPattern: UInt32(truncatingIfNeeded: try self.word(4)))) }
            return .reals(values)
        case UInt8(ascii: "D"):
            var values: [Float] = []
            values.reserveCapacity(count)
            for _ in 0..<count { values.append(Float(Double(bitPattern: try self.word(8)))) }
            return .reals(values)
        default:
            var values: [Int32] = []
            values.reserveCapacity(count)
            for _ in 0..<count {
                guard let value = Int32(exactly: try self.integer(marker: type)) else {
                    throw self.refusal("an integer array has an element beyond 32 bits")
                }
                values.append(value)
            }
            return .integers(values)
        }
    }

    private mutating func object(nesting: Int) throws(IndelibleError) -> ModelDocument {
        try self.check(nesting)
        let (type, count) = try self.header()
        guard type == nil else { throw self.refusal("an object with one type for all members is not supported") }
        var members: [String: ModelDocument] = [:]
        var remaining = count ?? .max
        while remaining > 0 {
            let marker = try self.marker()
            if count == nil, marker == UInt8(ascii: "}") { break }
            let length = try self.integer(marker: marker)
            let key = String(decoding: try self.take(length), as: UTF8.self)
            let value = try self.value(marker: try self.marker(), nesting: nesting)
            guard members.updateValue(value, forKey: key) == nil else {
                throw self.refusal("the key \"\(key)\" appears twice in one object")
            }
            remaining -= 1
        }
        return .object(members)
    }

    /// The optional element type and count after an opening bracket; each element takes at least one byte.
    private mutating func header() throws(IndelibleError) -> (type: UInt8?, count: Int?) {
        var type: UInt8?
        var next = try self.peek()
        if next == UInt8(ascii: "$") {
            self.offset += 1
            type = try self.marker()
            next = try self.peek()
            guard next == UInt8(ascii: "#") else { throw self.refusal("a typed array has no count") }
        }
        guard next == UInt8(ascii: "#") else { return (nil, nil) }
        self.offset += 1
        let count = try self.integer(marker: try self.marker())
        let width = try type.map { (type) throws(IndelibleError) in try self.width(type) } ?? 1
        guard count >= 0, count <= Int64((self.bytes.count - self.offset) / width) else {
            throw self.refusal("an array claims \(count) elements, more than the file holds")
        }
        return (type, Int(count))
    }

    private func width(_ type: UInt8) throws(IndelibleError) -> Int {
        switch type {
        case UInt8(ascii: "i"), UInt8(ascii: "U"): return 1
        case UInt8(ascii: "I"): return 2
        case UInt8(ascii: "l"), UInt8(ascii: "d"): return 4
        case UInt8(ascii: "L"), UInt8(ascii: "D"): return 8
        default: throw self.refusal("a typed array has a type that is no number")
        }
    }

    private mutating func integer(marker: UInt8) throws(IndelibleError) -> Int64 {
        switch marker {
        case UInt8(ascii: "i"): return Int64(Int8(truncatingIfNeeded: try self.word(1)))
        case UInt8(ascii: "U"): return Int64(try self.word(1))
        case UInt8(ascii: "I"): return Int64(Int16(truncatingIfNeeded: try self.word(2)))
        case UInt8(ascii: "l"): return Int64(Int32(truncatingIfNeeded: try self.word(4)))
        case UInt8(ascii: "L"): return Int64(bitPattern: try self.word(8))
        default: throw self.refusal("there is no value type \(marker)")
        }
    }

    private mutating func text() throws(IndelibleError) -> String {
        let length = try self.integer(marker: try self.marker())
        return String(decoding: try self.take(length), as: UTF8.self)
    }

    private mutating func word(_ byteCount: Int) throws(IndelibleError) -> UInt64 {
        try self.take(Int64(byteCount)).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private mutating func take(_ byteCount: Int64) throws(IndelibleError) -> ArraySlice<UInt8> {
        guard byteCount >= 0, byteCount <= Int64(self.bytes.count - self.offset) else {
            throw self.refusal("the file ends in the middle of a value")
        }
        defer { self.offset += Int(byteCount) }
        return self.bytes[self.offset..<self.offset + Int(byteCount)]
    }

    private mutating func marker() throws(IndelibleError) -> UInt8 {
        repeat {
            let marker = try self.peek()
            self.offset += 1
            if marker != UInt8(ascii: "N") { return marker }  // A no-op, for keep-alive; means nothing.
        } while true
    }

    private func peek() throws(IndelibleError) -> UInt8 {
        guard self.offset < self.bytes.count else { throw self.refusal("the file ends in the middle of a value") }
        return self.bytes[self.offset]
    }

    private func check(_ nesting: Int) throws(IndelibleError) {
        guard nesting <= self.limits.nestingMax else {
            throw self.refusal("values are nested more than \(self.limits.nestingMax) levels deep")
        }
    }
}
