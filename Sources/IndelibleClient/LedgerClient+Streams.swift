internal import Primitives
internal import ProtobufC
package import ServiceProtocol
internal import Transport
internal import Wire

extension LedgerClient {
    /// Entries in index order, batch by batch; goes on where it was when the connection breaks.
    ///
    /// Ends when `request.to` is reached, or at the end of the log unless `request.follow`.
    package func readEntries(_ request: ReadEntriesRequest) -> EntryBatches {
        EntryBatches(client: self, request: request)
    }

    /// Each checkpoint as it is published, without end, and again when it gains cosignatures; goes on when the connection
    /// breaks.
    ///
    /// - Parameter size: only checkpoints larger than this; 0 starts with the current one, whatever its size.
    package func checkpoints(largerThan size: UInt64 = 0) -> Checkpoints {
        Checkpoints(client: self, request: WatchCheckpointsRequest(largerThan: size, initial: size == 0))
    }

    /// Starts a stream on the current connection.
    fileprivate func stream(_ method: MethodDescriptor, _ payload: [UInt8]) async throws -> ItemSequence.AsyncIterator {
        let log = self.log
        return try await self.connection.withClient { $0.stream(method, payload, log: log) }.makeAsyncIterator()
    }
}

/// One message of a stream of entries.
package struct EntryBatch: Sendable {
    /// What ``view``'s ranges are positions in.
    package let payload: [UInt8]
    package let view: EntryBatchView

    /// The serialised entry of an item.
    package func entry(_ item: EntryBatchView.Item) -> [UInt8] { Array(self.payload[item.entry]) }
}

/// A stream of entries that survives lost connections.
package struct EntryBatches: AsyncSequence, Sendable {
    package typealias Element = EntryBatch

    let client: LedgerClient
    let request: ReadEntriesRequest

    package func makeAsyncIterator() -> Iterator { Iterator(client: self.client, request: self.request) }

    package struct Iterator: AsyncIteratorProtocol {
        private var items: ResumingItems
        private var request: ReadEntriesRequest

        init(client: LedgerClient, request: ReadEntriesRequest) {
            self.items = ResumingItems(client: client, method: LedgerMethods.readEntries)
            self.request = request
        }

        /// - Returns: the next batch; it can be empty when a filter let nothing through. `nil` at the end.
        package mutating func next() async throws -> EntryBatch? {
            guard self.request.to == 0 || self.request.from < self.request.to else { return nil }
            guard let payload = try await self.items.next(self.request.serialized) else { return nil }
            var view = EntryBatchView()
            try view.read(payload.span)
            self.request.from = view.next
            return EntryBatch(payload: payload, view: view)
        }
    }
}

/// A stream of checkpoints that survives lost connections.
package struct Checkpoints: AsyncSequence, Sendable {
    package typealias Element = PublishedCheckpoint

    let client: LedgerClient
    let request: WatchCheckpointsRequest

    package func makeAsyncIterator() -> Iterator { Iterator(client: self.client, request: self.request) }

    package struct Iterator: AsyncIteratorProtocol {
        private var items: ResumingItems
        private var request: WatchCheckpointsRequest
        private var last: PublishedCheckpoint?

        init(client: LedgerClient, request: WatchCheckpointsRequest) {
            self.items = ResumingItems(client: client, method: LedgerMethods.watchCheckpoints)
            self.request = request
        }

        package mutating func next() async throws -> PublishedCheckpoint? {
            while let payload = try await self.items.next(self.request.serialized) {
                let checkpoint = try PublishedCheckpoint(serialized: payload)
                // A new connection begins with what it has: it may have gained cosignatures meanwhile, or nothing.
                self.request = WatchCheckpointsRequest(largerThan: 0, initial: true)
                guard checkpoint.note != self.last?.note else { continue }
                self.last = checkpoint
                return checkpoint
            }
            return nil
        }
    }
}

/// The items of a stream that is asked for again when its connection breaks.
private struct ResumingItems {
    let client: LedgerClient
    let method: MethodDescriptor
    private var current: ItemSequence.AsyncIterator?
    /// Since the last item.
    private var failureCount = 0

    init(client: LedgerClient, method: MethodDescriptor) {
        self.client = client
        self.method = method
    }

    /// - Parameter request: what to ask for, should the stream have to be started.
    mutating func next(_ request: [UInt8]) async throws -> [UInt8]? {
        while true {
            do {
                var iterator = try await self.started(request)
                let item = try await iterator.next()
                self.current = iterator
                self.failureCount = 0
                return item
            } catch let error as IndelibleError where error.code == .unavailable {
                self.current = nil
                self.failureCount += 1
                guard self.failureCount < self.client.retry.attemptCountMax else { throw error }
                try await Task.sleep(for: self.client.retry.delay(before: self.failureCount))
            }
        }
    }

    private func started(_ request: [UInt8]) async throws -> ItemSequence.AsyncIterator {
        if let current { return current }
        return try await self.client.stream(self.method, request)
    }
}
