internal import Primitives
internal import Storage

/// What an operator, or a test, may choose about a log.
///
/// Every limit of the engine has its name here.
package struct LogConfiguration: Sendable {
    /// The log's name in its checkpoints.
    package var origin: String
    /// Entries of a sealed segment; a power of two from 2 to 65,536, fixed when the log is created.
    package var segmentEntryCount = 65_536
    /// Bytes of a journal file, and therefore of its image in memory; a multiple of 4,096 below 2 GiB.
    package var journalFileByteCount = 8 << 20
    /// Journal images in memory: being filled, being written, and kept for readers and the sealer.
    package var imageCountMax = 9
    /// Segments that are not sealed yet, the one being filled included; appending waits for the sealer beyond that.
    package var unsealedSegmentCountMax = 4
    /// Empty journal files kept when there is nothing to do.
    package var spareFileCount = 1
    /// Sealed segments that are open for reading.
    package var openSegmentCountMax = 512
    /// Sealed segments whose upper hashes are in memory for proofs; each takes 4 bytes per entry.
    package var proofSegmentCountMax = 176
    package var producers = ProducerLimits()

    package init(origin: String) { self.origin = origin }

    /// Images that are kept for readers; the others are for what is on its way to the disk.
    var retainedImageCount: Int { max(1, self.imageCountMax / 2) }

    /// Entries of the largest batch: it fits beside a segment that is nearly full, once the sealer has done what it can.
    var batchEntryCountMax: Int { (self.unsealedSegmentCountMax - 1) * self.segmentEntryCount }

    /// Chooses the size of a segment, and keeps room for the largest batch of the protocol, however small segments are.
    package mutating func setSegmentEntryCount(_ count: Int) {
        self.segmentEntryCount = count
        let needed = (AppendBatch.itemCountMax + count - 1) / count + 1
        self.unsealedSegmentCountMax = max(self.unsealedSegmentCountMax, needed)
    }

    /// Bytes of the largest batch, when each item counts 31 bytes and each producer 73 beside its own.
    package var batchByteCountMax: Int {
        self.journalFileByteCount - FrameHeader.byteCount - FrameDeltas.fixedByteCount
    }

    /// - Throws: ``IndelibleError/Code/invalidArgument`` that names the option.
    func validate() throws(IndelibleError) {
        func require(_ condition: Bool, _ what: String) throws(IndelibleError) {
            guard condition else { throw IndelibleError(.invalidArgument, "\(what). Correct the configuration.") }
        }
        let size = self.segmentEntryCount
        try require((2...65_536).contains(size) && size & (size - 1) == 0, "A segment has 2, 4, 8 … 65,536 entries")
        let file = self.journalFileByteCount
        try require(
            file.isMultiple(of: DirectIO.alignment) && (1 << 14..<1 << 31).contains(file),
            "A journal file has 16 KiB to 2 GiB in blocks of 4 KiB",
        )
        try require(self.imageCountMax >= 4, "The engine needs at least 4 journal images")
        try require(self.unsealedSegmentCountMax >= 2, "The engine needs room for 2 unsealed segments")
        try require(self.openSegmentCountMax >= 1, "The engine needs to open at least 1 segment")
        try require(self.proofSegmentCountMax >= 1, "The engine needs the hashes of at least 1 segment")
        try require(self.spareFileCount >= 0, "The number of spare files is not negative")
    }
}
