package import JSONText

/// What one request to a collector may make it hold or do.
package struct CollectionLimits: Sendable, Equatable {
    /// Bytes of a body as it is sent.
    package var bodyByteCountMax = 8 << 20
    /// Bytes of a body after decompression; what is longer is refused while it is being decompressed.
    package var decompressedByteCountMax = 32 << 20
    /// Bytes of one record.
    package var recordByteCountMax = 1 << 20
    /// Records of one request.
    package var recordCountMax = 50_000
    /// Arrays and objects inside one another in a record.
    package var depthMax = 64
    /// Values in one record, names included.
    package var valueCountMax = 65_536

    package init() {}

    /// How a record is read: a name may occur once in an object.
    package var recordOptions: JSONOptions {
        JSONOptions(
            depthMax: self.depthMax,
            byteCountMax: self.recordByteCountMax,
            valueCountMax: self.valueCountMax,
            duplicateKeys: .refuse,
            loneSurrogates: .replace,
        )
    }

    /// How a body of many records is read: they are one or two levels down.
    var bodyOptions: JSONOptions {
        JSONOptions(
            depthMax: self.depthMax + 2,
            byteCountMax: self.decompressedByteCountMax,
            valueCountMax: 4 << 20,
            duplicateKeys: .report,
            loneSurrogates: .replace,
        )
    }
}
