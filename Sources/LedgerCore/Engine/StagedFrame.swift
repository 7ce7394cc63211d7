internal import Cryptography
internal import Primitives

/// A group commit on its way to the disk.
struct StagedFrame: Sendable {
    /// Entries of one segment that are part of a frame.
    struct Part: Sendable {
        let segment: TailSegment
        var entries: Range<Int>
    }

    let image: JournalImage
    /// Of the frame in the image, and in the file.
    let offset: Int
    let sequence: UInt64
    let firstIndex: UInt64
    var entryCount = 0
    var entriesByteCount = 0
    var deltas = FrameDeltas()
    var parts: [Part] = []

    var end: UInt64 { self.firstIndex + UInt64(self.entryCount) }
    var deltasByteCount: Int { self.deltas.byteCount(entryCount: self.entryCount) }
    var byteCount: Int { FrameHeader.byteCount + self.entriesByteCount + self.deltasByteCount }

    /// Where the next entry's length prefix goes.
    var cursor: Int { self.offset + FrameHeader.byteCount + self.entriesByteCount }

    /// Completes the frame's bytes in the image; entries and lanes are there already.
    func finish(root: Digest, time: UInt64, salt: [UInt8]) -> Range<Int> {
        var slots: [UInt8] = []
        var fingerprints: [UInt8] = []
        for part in self.parts {
            slots += part.segment.slotBytes(part.entries)
            fingerprints += part.segment.fingerprintBytes(part.entries)
        }
        let deltas = self.deltas.encode(slots: slots, fingerprints: fingerprints)
        let header = FrameHeader(
            fileNumber: self.image.number,
            sequence: self.sequence,
            firstIndex: self.firstIndex,
            entryCount: UInt32(self.entryCount),
            entriesByteCount: UInt32(self.entriesByteCount),
            deltasByteCount: UInt32(deltas.count),
            time: time,
            root: root,
            deltasChecksum: CRC32C.checksum(deltas),
        )
        let memory = self.image.memory
        memory.copy(header.encode(salt: salt), to: self.offset)
        memory.copy(deltas, to: self.cursor)
        let end = self.offset + header.byteCount
        memory.zero(end..<self.offset + header.paddedByteCount)
        return self.offset..<self.offset + header.paddedByteCount
    }

    /// What the frame adds to a table of producers.
    var producerRuns: [(id: ProducerID, epoch: UInt64, run: ProducerRun)] {
        Self.producerRuns(self.deltas, firstIndex: self.firstIndex)
    }

    static func producerRuns(
        _ deltas: FrameDeltas,
        firstIndex: UInt64,
    ) -> [(id: ProducerID, epoch: UInt64, run: ProducerRun)] {
        deltas.runs.map { run in
            let producer = deltas.producers[Int(run.producer)]
            let added = ProducerRun(
                firstSequence: run.firstSequence,
                firstIndex: firstIndex + UInt64(run.first),
                count: UInt64(run.count),
            )
            return (producer.id, producer.epoch, added)
        }
    }
}
