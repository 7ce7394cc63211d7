/// Packed repeated numbers: one length-delimited field that holds them all; left out when there are none.
extension ProtoWriter {
    /// A packed `uint32` or `uint64` field.
    package mutating func packed(_ number: UInt32, varints values: some Collection<UInt64>) {
        guard !values.isEmpty else { return }
        self.delimited(number, byteCount: values.reduce(0) { $0 + Self.varintByteCount($1) })
        for value in values { self.appendVarint(value) }
    }

    /// A packed `sint32` field.
    package mutating func packed(_ number: UInt32, zigzags values: [Int32]) {
        guard !values.isEmpty else { return }
        let byteCountMax = values.count * 5
        unsafe withUnsafeTemporaryAllocation(byteCount: byteCountMax, alignment: 1) { buffer in
            var end = 0
            for value in values {
                var rest = Self.zigzag(value)
                while rest >= 0x80 {
                    unsafe buffer[end] = UInt8(truncatingIfNeeded: rest) | 0x80
                    rest >>= 7
                    end += 1
                }
                unsafe buffer[end] = UInt8(rest)
                end += 1
            }
            self.delimited(number, byteCount: end)
            unsafe self.raw(UnsafeRawBufferPointer(rebasing: buffer[..<end]))
        }
    }

    /// A packed `fixed32` field.
    package mutating func packed(_ number: UInt32, fixed32s values: [UInt32]) {
        guard !values.isEmpty else { return }
        self.delimited(number, byteCount: values.count * 4)
        for value in values {
            unsafe withUnsafeBytes(of: value.littleEndian) { unsafe self.raw($0) }
        }
    }

    /// Small numbers of either sign as small ones without.
    private static func zigzag(_ value: Int32) -> UInt64 { UInt64(UInt32(bitPattern: value << 1 ^ value >> 31)) }
}
