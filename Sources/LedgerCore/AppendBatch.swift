/// What a client wants appended, as positions in the bytes that it sent.
package struct AppendBatch: Sendable {
    package static let itemCountMax = 16_384
    package static let producerCountMax = 1024

    package struct Producer: Sendable {
        package var id: ProducerID
        package var epoch: UInt64
        /// Of its first item in the batch; from 1.
        package var firstSequence: UInt64
        /// Of a consumer: the last sequence number that it has in the log, 0 for none.
        package var after: UInt64

        package init(id: ProducerID, epoch: UInt64, firstSequence: UInt64, after: UInt64 = 0) {
            self.id = id
            self.epoch = epoch
            self.firstSequence = firstSequence
            self.after = after
        }
    }

    package struct Item: Sendable {
        /// Stands for "no event id" in ``eventIDOffset``.
        package static let noEventID = UInt32.max

        /// Where the entry starts in the buffer.
        package var offset: UInt32
        /// 1 to 65,535.
        package var byteCount: UInt32
        /// 1 to 65,535; the number of the entry's body field.
        package var kind: UInt32
        /// Where the 16 bytes of the event's id start in the buffer, or ``noEventID``.
        package var eventIDOffset: UInt32
        /// Position in ``AppendBatch/producers``.
        package var producer: UInt32
        /// The actor's virtual slot, 0 to 255.
        package var slot: UInt8
        /// 0 continues the producer's numbering.
        package var sequence: UInt64

        package init(
            offset: UInt32,
            byteCount: UInt32,
            kind: UInt32,
            eventIDOffset: UInt32 = Item.noEventID,
            producer: UInt32 = 0,
            slot: UInt8 = 0,
            sequence: UInt64 = 0,
        ) {
            self.offset = offset
            self.byteCount = byteCount
            self.kind = kind
            self.eventIDOffset = eventIDOffset
            self.producer = producer
            self.slot = slot
            self.sequence = sequence
        }
    }

    /// 1 to ``producerCountMax``, each once.
    package var producers: [Producer]
    /// 1 to ``itemCountMax``.
    package var items: [Item]

    package init(producers: [Producer] = [], items: [Item] = []) {
        self.producers = producers
        self.items = items
    }
}

/// What became of a batch.
package enum StageOutcome: Equatable, Sendable {
    /// All of it became the `count` entries from `first` on; they are durable when the durable size is `first + count`.
    case staged(first: UInt64, count: Int)
    /// All of it was in the log already, its first item at `first`; it is durable when the durable size is `size`.
    case known(first: UInt64, size: UInt64)
    /// Some of it was in the log already, so nothing was appended. Send the others again.
    case partlyKnown([KnownItems])
    /// There is no room until more is written or sealed; nothing was appended. Stop reading from clients, and offer it
    /// again after the next commit or seal.
    case full
}

/// Items of a batch that are in the log: `count` from position `firstItem`, at index `firstIndex` and following.
package struct KnownItems: Equatable, Sendable {
    package let firstItem: Int
    package let count: Int
    package let firstIndex: UInt64

    package init(firstItem: Int, count: Int, firstIndex: UInt64) {
        self.firstItem = firstItem
        self.count = count
        self.firstIndex = firstIndex
    }
}
