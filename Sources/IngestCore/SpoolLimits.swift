/// How large a spool may become.
package struct SpoolLimits: Sendable, Equatable {
    /// Bytes of all records that are not drained; a full spool refuses more.
    package var byteCountMax: UInt64
    /// Bytes after which a new file is begun, so that drained ones can be removed.
    package var fileByteCountMax: UInt64
    /// Records drained after which the position is written down; a restart repeats at most so many.
    package var recordsPerPositionMax: Int

    package init(
        byteCountMax: UInt64 = 4 << 30,
        fileByteCountMax: UInt64 = 64 << 20,
        recordsPerPositionMax: Int = 64,
    ) {
        self.byteCountMax = byteCountMax
        self.fileByteCountMax = fileByteCountMax
        self.recordsPerPositionMax = recordsPerPositionMax
    }
}
