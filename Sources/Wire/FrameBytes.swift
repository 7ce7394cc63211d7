internal import ProtobufC

extension FrameHeader {
    /// A whole frame as bytes.
    package func frame(payload: [UInt8] = []) -> [UInt8] {
        var header = ProtoWriter()
        self.encode(into: &header)
        precondition(header.bytes.count <= Self.byteCountMax, "a header's length is a u16")
        var bytes: [UInt8] = []
        let length = FrameParser.headerLengthByteCount + header.bytes.count + payload.count
        bytes.reserveCapacity(FrameParser.lengthByteCount + length)
        for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: length >> shift)) }
        for shift in [8, 0] { bytes.append(UInt8(truncatingIfNeeded: header.bytes.count >> shift)) }
        bytes += header.bytes
        bytes += payload
        return bytes
    }
}
