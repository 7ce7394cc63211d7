package import Primitives
package import ServiceProtocol

/// One batch on its way into the log: what to send next, and where each item ended up.
///
/// When some items are in the log already, they are dropped and the others sealed again. Nothing is ever appended twice:
/// the ledger knows each item by its producer, epoch and sequence.
package struct Delivery: Sendable {
    /// What is not known to be in the log: a request without a seal, and the original position of each of its items.
    private var request: [UInt8]
    private var positions: [Int]
    /// By original position; `nil` while the item is not known to be in the log.
    package private(set) var places: [Place?]

    /// Where an item is in the log.
    package struct Place: Equatable, Sendable {
        package let index: UInt64
        /// It was there before this delivery.
        package let wasKnown: Bool
    }

    package init(_ batch: Batch) {
        self.init(request: batch.request, itemCount: batch.itemCount)
    }

    /// Takes up a batch again that was kept in a spool.
    ///
    /// - Throws: ``IndelibleError/Code/dataLoss`` when it is no request.
    package init(spooled request: [UInt8]) throws(IndelibleError) {
        var view = AppendRequestView()
        do throws(IndelibleError) { try view.read(request.span) } catch {
            throw IndelibleError(
                .dataLoss,
                "A spooled batch cannot be read. Keep the spool and report this.",
                cause: error,
            )
        }
        self.init(request: request, itemCount: view.items.count)
    }

    private init(request: [UInt8], itemCount: Int) {
        self.request = request
        self.positions = Array(0..<itemCount)
        self.places = [Place?](repeating: nil, count: itemCount)
    }

    /// What has to be sealed and sent; `nil` when everything is in the log.
    package var outstanding: [UInt8]? { self.positions.isEmpty ? nil : self.request }

    /// The sealed batch was appended, or was there already.
    package mutating func appended(_ response: AppendResponse) {
        for (offset, position) in self.positions.enumerated() {
            self.places[position] = Place(index: response.firstIndex + UInt64(offset), wasKnown: response.duplicate)
        }
        self.positions = []
    }

    /// Some items were there already, so nothing was appended: the others have to be sealed again.
    ///
    /// - Parameter known: positions in what was sent; the seal may be among them.
    /// - Throws: ``IndelibleError/Code/internal`` when the answer names no item of the batch, so that sending again would
    ///   go on for ever.
    package mutating func partlyKnown(_ known: [KnownItems]) throws(IndelibleError) {
        var isKnown = [Bool](repeating: false, count: self.positions.count)
        for run in known {
            for offset in 0..<Int(run.count) {
                let item = Int(run.firstItem) + offset
                guard item < isKnown.count, !isKnown[item] else { continue }
                isKnown[item] = true
                self.places[self.positions[item]] = Place(index: run.firstIndex + UInt64(offset), wasKnown: true)
            }
        }
        guard isKnown.contains(true) else {
            throw IndelibleError(.internal, "The ledger knows none of a batch's items and yet refuses it as known.")
        }
        let kept = isKnown.indices.filter { !isKnown[$0] }
        self.request = try Self.select(kept, from: self.request)
        self.positions = kept.map { self.positions[$0] }
    }

    /// The same items as several requests of one producer each: when a batch is refused for one producer's sake, the others
    /// go on without it.
    ///
    /// - Returns: for each request the original positions of its items.
    package static func byProducer(
        _ request: [UInt8]
    ) throws(IndelibleError) -> [(request: [UInt8], positions: [Int])] {
        var view = AppendRequestView()
        try view.read(request.span)
        var parts: [(request: [UInt8], positions: [Int])] = []
        for producer in view.producers.indices {
            let positions = view.items.indices.filter { Int(view.items[$0].producer) == producer }
            if !positions.isEmpty { parts.append((try Self.select(positions, from: request), positions)) }
        }
        return parts
    }

    /// A request of some of another's items, each with its own number.
    private static func select(_ kept: [Int], from request: [UInt8]) throws(IndelibleError) -> [UInt8] {
        guard !kept.isEmpty else { return [] }
        var view = AppendRequestView()
        try view.read(request.span)
        var builder = AppendRequestBuilder(acknowledgement: view.acknowledgement, byteCountExpected: request.count)
        for producer in view.producers {
            _ = builder.append(
                Producer(id: Array(request[producer.id]), epoch: producer.epoch),
                firstSequence: producer.firstSequence,
            )
        }
        for item in kept.map({ view.items[$0] }) {
            builder.append(item, of: request.span)
        }
        return builder.bytes
    }
}
