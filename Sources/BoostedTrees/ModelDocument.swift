internal import Primitives

/// A model file's tree of values: what its JSON and its UBJSON form have in common.
///
/// Arrays of numbers are packed, as they are nearly all of a model.
enum ModelDocument: Equatable, Sendable {
    case null
    case truth(Bool)
    case integer(Int32)
    case real(Float)
    case text(String)
    case integers([Int32])
    case reals([Float])
    case list([ModelDocument])
    case object([String: ModelDocument])

    /// Collects the elements of an array, packed for as long as they are numbers.
    struct Packing: ~Copyable {
        private var integers: [Int32] = []
        /// Holds the numbers from the first that is no integer on.
        private var reals: [Float] = []
        /// Holds the elements from the first that is no number on.
        private var elements: [ModelDocument] = []

        mutating func append(_ element: ModelDocument) {
            switch element {
            case .integer(let value) where self.reals.isEmpty && self.elements.isEmpty: self.integers.append(value)
            case .integer(let value) where self.elements.isEmpty: self.reals.append(Float(value))
            case .real(let value) where self.elements.isEmpty:
                if self.reals.isEmpty { self.reals = self.integers.map(Float.init) }
                self.reals.append(value)
            default:
                if self.elements.isEmpty { self.elements = self.unpacked }
                self.elements.append(element)
            }
        }

        consuming func finish() -> ModelDocument {
            if !self.elements.isEmpty { return .list(self.elements) }
            return self.reals.isEmpty ? .integers(self.integers) : .reals(self.reals)
        }

        private var unpacked: [ModelDocument] {
            self.reals.isEmpty ? self.integers.map(ModelDocument.integer) : self.reals.map(ModelDocument.real)
        }
    }

    /// The member named `key`.
    func member(_ key: String) throws(IndelibleError) -> ModelDocument {
        guard let value = self.optional(key) else { throw .model("it has no \"\(key)\" where one belongs") }
        return value
    }

    func optional(_ key: String) -> ModelDocument? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    /// The text member named `key`.
    func text(_ key: String) throws(IndelibleError) -> String {
        guard case .text(let value) = try self.member(key) else { throw .model("\"\(key)\" is not text") }
        return value
    }

    /// The count named `key`, which XGBoost writes as text; `absent` is what a missing member stands for.
    func count(_ key: String, absent: Int? = nil) throws(IndelibleError) -> Int {
        let number: Int?
        switch self.optional(key) {
        case .text(let digits): number = Int(digits)
        case .integer(let value): number = Int(value)
        case nil: number = absent
        default: number = nil
        }
        guard let number, number >= 0 else { throw .model("\"\(key)\" is not a count") }
        return number
    }

    /// The array of integers named `key`; truth values count as 0 and 1, as older files have them.
    func integers(_ key: String) throws(IndelibleError) -> [Int32] {
        switch try self.member(key) {
        case .integers(let values): return values
        case .list(let elements):
            var values: [Int32] = []
            for element in elements {
                guard case .truth(let value) = element else {
                    throw .model("\"\(key)\" has an element that is no integer")
                }
                values.append(value ? 1 : 0)
            }
            return values
        default: throw .model("\"\(key)\" is not an array of 32-bit integers")
        }
    }

    /// The array of numbers named `key`, as binary32.
    func reals(_ key: String) throws(IndelibleError) -> [Float] {
        switch try self.member(key) {
        case .reals(let values): return values
        case .integers(let values): return values.map(Float.init)
        default: throw .model("\"\(key)\" is not an array of numbers")
        }
    }

    /// The array named `key`, element by element.
    func list(_ key: String) throws(IndelibleError) -> [ModelDocument] {
        switch try self.member(key) {
        case .list(let elements): return elements
        case .integers(let values) where values.isEmpty: return []
        default: throw .model("\"\(key)\" is not an array of objects")
        }
    }
}
