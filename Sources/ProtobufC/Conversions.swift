package import CIndelibleProto

extension ProtobufCBinaryData {
    /// A copy of the bytes.
    package var bytes: [UInt8] { unsafe Array(self.buffer) }

    /// The bytes in place, for as long as the message lives.
    @unsafe package var buffer: UnsafeBufferPointer<UInt8> {
        unsafe UnsafeBufferPointer(start: self.data, count: self.data == nil ? 0 : self.len)
    }
}

extension String {
    /// A copy of a `string` field; empty for NULL.
    @unsafe package init(field: UnsafePointer<CChar>?) {
        guard let field = unsafe field else {
            self = ""
            return
        }
        unsafe self.init(cString: field)
    }
}
