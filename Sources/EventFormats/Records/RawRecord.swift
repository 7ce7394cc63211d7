/// One record as it stood in its file.
package struct RawRecord: Sendable, Equatable {
    /// The exact bytes of its JSON value, white space around it not included.
    package let bytes: [UInt8]
    /// Its place among the records of the file, from 1; records that cannot be read count.
    package let number: UInt64
    /// The line on which it begins, from 1.
    package let line: Int
    /// Where it lies in the decompressed text; a byte order mark at the front does not count.
    package let byteRange: Range<UInt64>

    package init(bytes: [UInt8], number: UInt64, line: Int, byteRange: Range<UInt64>) {
        self.bytes = bytes
        self.number = number
        self.line = line
        self.byteRange = byteRange
    }

    /// The same record with other bytes: masked.
    func replacing(_ bytes: [UInt8]) -> RawRecord {
        RawRecord(bytes: bytes, number: self.number, line: self.line, byteRange: self.byteRange)
    }
}

/// A record, or a stretch of a file, that cannot be taken in.
package struct RejectedRecord: Sendable, Equatable {
    /// As ``RawRecord/number``; 0 when the fault is the file's.
    package let number: UInt64
    package let line: Int
    /// A sentence without its full stop.
    package let reason: String

    package init(number: UInt64, line: Int, reason: String) {
        self.number = number
        self.line = line
        self.reason = reason
    }
}

package enum RecordItem: Sendable, Equatable {
    case record(RawRecord)
    case rejected(RejectedRecord)
}

/// What a file of records may make us hold or do.
package struct RecordLimits: Sendable, Equatable {
    /// Bytes of one line, and of one JSON text that spans lines: both are held in memory as a whole.
    package var textByteCountMax = 128 << 20
    /// Bytes of one record.
    package var recordByteCountMax = 16 << 20
    /// Decompressed bytes of one file.
    package var decompressedByteCountMax: UInt64 = 64 << 30
    /// Decompressed bytes for each compressed one, once ``ratioFreeByteCount`` are out.
    ///
    /// Logs reach 20 to 60; a file made to exhaust us reaches 1,000.
    package var ratioMax: UInt64 = 250
    package var ratioFreeByteCount: UInt64 = 64 << 20

    package init() {}
}
