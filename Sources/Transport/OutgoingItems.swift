internal import NIOCore
internal import Wire

/// Items of one stream that wait for credit or for the socket; what its ``SendQueue`` lets the producer run ahead.
///
/// Confined to its event loop.
final class OutgoingItems {
    let queue: SendQueue
    /// How the stream ends once the items are gone; `nil` while more may come.
    private(set) var end: RPCStatus?
    private var items = CircularBuffer<[UInt8]>()

    init(_ queue: SendQueue) {
        self.queue = queue
    }

    func append(_ item: [UInt8]) {
        self.items.append(item)
    }

    /// No more items come; only the first end counts.
    func finish(_ status: RPCStatus) {
        if self.end == nil { self.end = status }
    }

    /// Offers items, oldest first, until one is not taken.
    ///
    /// - Parameter offer: sends the item, or returns `false`.
    /// - Returns: how the stream ends, when nothing is left to send.
    func drain(_ offer: ([UInt8]) -> Bool) -> RPCStatus? {
        while let item = self.items.first {
            guard offer(item) else { return nil }
            self.items.removeFirst()
            self.queue.sent(payloadByteCount: item.count)
        }
        return self.end
    }
}
