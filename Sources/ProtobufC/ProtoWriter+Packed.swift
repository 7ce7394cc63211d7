/// Packed repeated numbers: one length-delimited field that holds them all; left out when there are none.
extension ProtoWriter {
    /// A packed `uint32` or `uint64` field.
    package mutating func packed(_ number: UInt32, varints values: some Collection<UInt64>) {
        guard !values.isEmpty else { return }
        self.delimited(number, byteCount: values.reduce(0) { $0 + Self.varintByteCount($1) })
        for value in values { self.element(value) }
    }

    /// A packed `sint32` field.
    package mutating func packed(_ number: UInt32, zigzags values: [Int32]) {
        self.packed(number, varints: values.map { UInt64(UInt32(bitPattern: $0 << 1 ^ $0 >> 31)) })
    }

    /// A packed `fixed32` field.
    package mutating func packed(_ number: UInt32, fixed32s values: [UInt32]) {
        guard !values.isEmpty else { return }
        self.delimited(number, byteCount: values.count * 4)
        for value in values {
            let bytes: [UInt8] = [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: value >> $0) }
            self.raw(bytes.span)
        }
    }

    private mutating func element(_ value: UInt64) {
        var bytes: [UInt8] = []
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
        self.raw(bytes.span)
    }
}
