package import Primitives

/// Entries that will stand in the log side by side, ready but for their seal.
package struct Batch: Equatable, Sendable {
    /// One submission's share.
    package struct Part: Equatable, Sendable {
        /// What the caller of ``BatchBuilder/add(_:ticket:blinds:receivedNanoseconds:)`` named it.
        package let ticket: UInt64
        /// Positions of its items.
        package let items: Range<Int>

        package init(ticket: UInt64, items: Range<Int>) {
            self.ticket = ticket
            self.items = items
        }
    }

    /// A serialised AppendRequest without a seal; a ``Sealer`` adds one.
    package let request: [UInt8]
    package let itemCount: Int
    package let parts: [Part]

    /// The same items as batches of one producer each: when the ledger refuses a batch for one producer's sake, the others
    /// go on without it.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when the request is malformed.
    package func byProducer() throws(IndelibleError) -> [Batch] {
        var batches: [Batch] = []
        for (request, positions) in try Delivery.byProducer(self.request) {
            var parts: [Part] = []
            var start = 0
            // Each part is by one producer, so all of its items are here, in order, or none.
            for part in self.parts where positions.contains(part.items.lowerBound) {
                parts.append(Part(ticket: part.ticket, items: start..<start + part.items.count))
                start += part.items.count
            }
            batches.append(Batch(request: request, itemCount: positions.count, parts: parts))
        }
        return batches
    }

    package init(request: [UInt8], itemCount: Int, parts: [Part]) {
        self.request = request
        self.itemCount = itemCount
        self.parts = parts
    }
}
