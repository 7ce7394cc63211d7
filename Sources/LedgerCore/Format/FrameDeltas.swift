internal import Primitives

/// What a frame says of its entries beside their bytes (docs/formats.md, "Journal").
///
/// Kinds, slots and fingerprints go from and to the lanes of ``TailSegment``; producers' runs are lists.
struct FrameDeltas {
    /// Bytes for each entry in any case: its slot and its fingerprint.
    static let perEntryByteCount = 5
    static let kindRunByteCount = 6
    static let producerRunByteCount = 18
    /// Positions of producers are 16 bits wide.
    static let producersPerFrameMax = 65_535
    /// Bytes of the three counts.
    static let fixedByteCount = 10
    static let producerByteCountMax = 9 + ProducerID.byteCountMax
    /// Bytes that an item can need beside its entry, length prefix included.
    static let perItemByteCountMax = 2 + Self.perEntryByteCount + Self.kindRunByteCount + Self.producerRunByteCount

    struct Producer: Hashable {
        let id: ProducerID
        let epoch: UInt64
    }

    struct Run: Equatable {
        /// Position in ``FrameDeltas/producers``.
        let producer: UInt16
        /// Position in the frame.
        let first: UInt32
        var count: UInt32
        let firstSequence: UInt64
    }

    private(set) var producers: [Producer] = []
    private var producersByteCount = 0
    var runs: [Run] = []
    var kindRuns: [KindRun] = []

    /// - Returns: the producer's position.
    mutating func add(_ producer: Producer) -> UInt16 {
        self.producers.append(producer)
        self.producersByteCount += 9 + producer.id.byteCount
        return UInt16(self.producers.count - 1)
    }

    /// Adds a run at the end, merged with the last one when it continues it.
    mutating func add(_ run: Run) {
        if let last = self.runs.indices.last, self.runs[last].producer == run.producer,
            self.runs[last].first + self.runs[last].count == run.first,
            self.runs[last].firstSequence + UInt64(self.runs[last].count) == run.firstSequence
        {
            self.runs[last].count += run.count
        } else {
            self.runs.append(run)
        }
    }

    /// Bytes that ``encode(slots:fingerprints:)`` will need.
    func byteCount(entryCount: Int) -> Int {
        Self.fixedByteCount + self.producersByteCount + self.runs.count * Self.producerRunByteCount
            + self.kindRuns.count * Self.kindRunByteCount + entryCount * Self.perEntryByteCount
    }

    func encode(slots: [UInt8], fingerprints: [UInt8]) -> [UInt8] {
        var fields = FieldWriter(capacity: self.byteCount(entryCount: slots.count))
        fields.put(UInt16(self.producers.count))
        for producer in self.producers {
            fields.put(UInt8(producer.id.byteCount))
            fields.put(producer.id.bytes)
            fields.put(producer.epoch)
        }
        fields.put(UInt32(self.runs.count))
        for run in self.runs {
            fields.put(run.producer)
            fields.put(run.first)
            fields.put(run.count)
            fields.put(run.firstSequence)
        }
        fields.put(UInt32(self.kindRuns.count))
        for run in self.kindRuns {
            fields.put(run.kind)
            fields.put(run.count)
        }
        fields.put(slots)
        fields.put(fingerprints)
        return fields.bytes
    }

    /// - Returns: `nil` when the bytes do not add up to `entryCount` entries.
    static func decode(
        _ bytes: [UInt8],
        entryCount: Int,
    ) -> (deltas: FrameDeltas, slots: [UInt8], fingerprints: [UInt8])? {
        var fields = FieldReader(bytes)
        var deltas = FrameDeltas()
        guard let producerCount: UInt16 = fields.take() else { return nil }
        for _ in 0..<producerCount {
            guard let byteCount: UInt8 = fields.take(),
                let id = fields.take(bytes: Int(byteCount)).flatMap({ ProducerID($0) }),
                let epoch: UInt64 = fields.take()
            else { return nil }
            _ = deltas.add(Producer(id: id, epoch: epoch))
        }
        guard let runCount: UInt32 = fields.take() else { return nil }
        for _ in 0..<runCount {
            guard let producer: UInt16 = fields.take(), producer < producerCount, let first: UInt32 = fields.take(),
                let count: UInt32 = fields.take(), UInt64(first) + UInt64(count) <= UInt64(entryCount),
                let sequence: UInt64 = fields.take()
            else { return nil }
            deltas.runs.append(Run(producer: producer, first: first, count: count, firstSequence: sequence))
        }
        guard let kindRunCount: UInt32 = fields.take() else { return nil }
        var covered: UInt64 = 0
        for _ in 0..<kindRunCount {
            guard let kind: UInt16 = fields.take(), let count: UInt32 = fields.take() else { return nil }
            deltas.kindRuns.append(KindRun(kind: kind, count: count))
            covered += UInt64(count)
        }
        guard covered == UInt64(entryCount), let slots = fields.take(bytes: entryCount),
            let fingerprints = fields.take(bytes: 4 * entryCount), fields.remaining == 0
        else { return nil }
        return (deltas, slots, fingerprints)
    }
}

/// Neighbouring entries of the same kind.
struct KindRun: Equatable, Sendable {
    let kind: UInt16
    var count: UInt32
}

extension [KindRun] {
    /// Adds entries at the end, to the last run when that is of the same kind.
    mutating func extend(_ run: KindRun) {
        if let last = self.indices.last, self[last].kind == run.kind {
            self[last].count += run.count
        } else {
            self.append(run)
        }
    }
}
