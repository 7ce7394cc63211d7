import EventFormats

/// Events on their way to one call of Submit: of one file, numbered without a gap.
struct ImportBatch {
    private(set) var events: [[UInt8]] = []
    /// What the events were made of.
    private(set) var records: [RawRecord] = []
    private var byteCount = 0
    private let countMax: Int

    /// Bytes of one call: half of what a frame may have, so that an event more never matters.
    static let byteCountMax = 4 << 20

    init(countMax: Int) { self.countMax = countMax }

    var isEmpty: Bool { self.events.isEmpty }
    var isFull: Bool { self.events.count >= self.countMax || self.byteCount >= Self.byteCountMax }

    /// Whether a record with this number continues the batch.
    func continues(with number: UInt64) -> Bool { self.records.last.map { $0.number + 1 == number } ?? true }

    mutating func add(_ event: [UInt8], of record: RawRecord) {
        self.events.append(event)
        self.records.append(record)
        self.byteCount += event.count
    }

    mutating func removeAll() { self = ImportBatch(countMax: self.countMax) }
}
