/// Entries that will stand in the log side by side, ready but for their seal.
package struct Batch: Equatable, Sendable {
    /// One submission's share.
    package struct Part: Equatable, Sendable {
        /// What the caller of ``BatchBuilder/add(_:ticket:blinds:receivedNanoseconds:now:)`` named it.
        package let ticket: UInt64
        /// Positions of its items.
        package let items: Range<Int>
    }

    /// A serialised AppendRequest without a seal; a ``Sealer`` adds one.
    package let request: [UInt8]
    package let itemCount: Int
    package let parts: [Part]

    package init(request: [UInt8], itemCount: Int, parts: [Part]) {
        self.request = request
        self.itemCount = itemCount
        self.parts = parts
    }
}
