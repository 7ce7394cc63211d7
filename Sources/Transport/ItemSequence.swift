/// The items of a streamed answer, as they arrive; the server waits while nobody takes them.
///
/// Dropping the sequence and its iterator cancels the call.
package struct ItemSequence: AsyncSequence, Sendable {
    package typealias Element = [UInt8]

    package struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let lease: StreamLease

        /// - Returns: the next item; `nil` when the server ended the answer.
        /// - Throws: the ``IndelibleError`` that the answer ended with.
        package mutating func next() async throws -> [UInt8]? {
            try await self.lease.next()
        }
    }

    let lease: StreamLease

    package func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(lease: self.lease)
    }
}

/// Keeps a streamed call open.
final class StreamLease: Sendable {
    private let call: ClientCall
    private let queue: ReceiveQueue
    private let outbox: Outbox<ClientEvent>

    init(call: ClientCall, queue: ReceiveQueue, outbox: Outbox<ClientEvent>) {
        self.call = call
        self.queue = queue
        self.outbox = outbox
    }

    deinit {
        self.outbox.push(.cancel(self.call))
    }

    func next() async throws -> [UInt8]? {
        let item = try await self.queue.next()
        if let item { self.outbox.push(.consumed(self.call, item.count)) }
        return item
    }
}
