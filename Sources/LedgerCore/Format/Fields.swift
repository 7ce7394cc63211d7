internal import Cryptography

/// Writes little-endian fields one after the other.
struct FieldWriter {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int = 0) { self.bytes.reserveCapacity(capacity) }

    mutating func put(_ value: some FixedWidthInteger) {
        var value = value.littleEndian
        unsafe withUnsafeBytes(of: &value) { unsafe self.bytes.append(contentsOf: $0) }
    }

    mutating func put(_ bytes: [UInt8]) { self.bytes.append(contentsOf: bytes) }

    /// Zeros until the fields have `count` bytes.
    mutating func pad(to count: Int) {
        precondition(count >= self.bytes.count, "the fields are longer than their place")
        self.bytes.append(contentsOf: repeatElement(0, count: count - self.bytes.count))
    }

    /// Ends the fields with the CRC-32C of all before.
    mutating func putChecksum() { self.put(CRC32C.checksum(self.bytes)) }
}

/// Reads what ``FieldWriter`` wrote; `nil` from any read that would pass the end.
struct FieldReader {
    private let bytes: [UInt8]
    private(set) var position: Int
    private let end: Int

    init(_ bytes: [UInt8], _ range: Range<Int>? = nil) {
        self.bytes = bytes
        self.position = range?.lowerBound ?? 0
        self.end = range?.upperBound ?? bytes.count
    }

    var remaining: Int { self.end - self.position }

    mutating func take<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) -> Value? {
        let count = MemoryLayout<Value>.size
        guard self.remaining >= count else { return nil }
        var value: Value = 0
        for position in 0..<count {
            value |= Value(truncatingIfNeeded: self.bytes[self.position + position]) << (8 * position)
        }
        self.position += count
        return value
    }

    mutating func take(bytes count: Int) -> [UInt8]? {
        guard count >= 0, self.remaining >= count else { return nil }
        defer { self.position += count }
        return Array(self.bytes[self.position..<self.position + count])
    }
}
