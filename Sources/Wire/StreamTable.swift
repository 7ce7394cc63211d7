/// Something for each open stream of a connection, by the stream's number.
///
/// Open addressing with linear probing: a connection looks each stream up several times. Places are scattered by a number
/// that the peer does not know, so that no choice of stream numbers makes the table slow.
///
/// Inlinable, as the modules around would not specialise it otherwise.
@frozen package struct StreamTable<Value> {
    @usableFromInline static var placeCountMin: Int { 8 }

    /// The stream at each place, 0 where none is; a power of two of them, or none, of which at most half are taken.
    @usableFromInline var ids: [UInt32] = []
    /// As long as ``ids``.
    @usableFromInline var values: [Value?] = []
    /// What the standard library hashes with is drawn anew for each process.
    @usableFromInline let factor = UInt64(bitPattern: Int64(Int.max.hashValue)) | 1
    @usableFromInline var takenCount = 0

    @inlinable package init() {}

    @inlinable package var count: Int { self.takenCount }
    @inlinable package var isEmpty: Bool { self.takenCount == 0 }

    /// The streams, in order.
    @inlinable package var sortedIDs: [UInt32] { self.ids.filter { $0 != 0 }.sorted() }

    /// The value of a stream; `nil` when it is not open.
    @inlinable package subscript(id: UInt32) -> Value? {
        guard let place = self.place(of: id) else { return nil }
        return self.values[place]
    }

    /// The value at a place that ``place(of:)`` has found, until the table changes.
    @inlinable package subscript(place place: Int) -> Value {
        get {
            guard let value = self.values[place] else { preconditionFailure("the place is taken") }
            return value
        }
        _modify {
            guard var value = self.values[place].take() else { preconditionFailure("the place is taken") }
            defer { self.values[place] = value }
            yield &value
        }
    }

    /// Where an open stream is; `nil` when it is not open.
    @inlinable package func place(of id: UInt32) -> Int? {
        guard self.takenCount > 0, id != 0 else { return nil }
        let place = self.search(id)
        return self.ids[place] == id ? place : nil
    }

    /// Opens a stream.
    ///
    /// - Parameter id: Not 0, and not open.
    @inlinable package mutating func open(_ id: UInt32, _ value: Value) {
        precondition(id != 0, "stream 0 is the connection")
        if self.ids.count < 2 * (self.takenCount + 1) { self.resize(to: max(Self.placeCountMin, 2 * self.ids.count)) }
        let place = self.search(id)
        precondition(self.ids[place] == 0, "the stream is open already")
        self.ids[place] = id
        self.values[place] = value
        self.takenCount += 1
    }

    /// Closes a stream.
    ///
    /// - Returns: its value; `nil` when it was not open.
    @inlinable package mutating func close(_ id: UInt32) -> Value? {
        guard var hole = self.place(of: id) else { return nil }
        let closed = self.values[hole].take()
        // Whoever was pushed behind the hole moves into it, so that no search ends too early.
        let mask = self.ids.count - 1
        var next = (hole + 1) & mask
        while self.ids[next] != 0 {
            if (next - self.home(of: self.ids[next])) & mask >= (next - hole) & mask {
                self.ids[hole] = self.ids[next]
                self.values[hole] = self.values[next].take()
                hole = next
            }
            next = (next + 1) & mask
        }
        self.ids[hole] = 0
        self.takenCount -= 1
        return closed
    }

    /// Closes all, and gives back the memory of a busy time.
    @inlinable package mutating func closeAll() {
        self.ids = []
        self.values = []
        self.takenCount = 0
    }

    /// The streams whose time is over, in order, and when the next one's is; `UInt64.max` for never.
    ///
    /// - Parameter deadline: of a stream.
    @inlinable package func due(at now: UInt64, _ deadline: (Value) -> UInt64) -> (ids: [UInt32], next: UInt64) {
        var due: [UInt32] = []
        var next = UInt64.max
        for (id, value) in zip(self.ids, self.values) {
            guard let time = value.map(deadline) else { continue }
            if time <= now { due.append(id) } else { next = min(next, time) }
        }
        return (due.sorted(), next)
    }

    @inlinable func home(of id: UInt32) -> Int {
        // The upper bits of the product depend on all bits of the number.
        let shift = UInt64(UInt64.bitWidth - self.ids.count.trailingZeroBitCount)
        return Int(truncatingIfNeeded: (UInt64(id) &* self.factor) >> shift)
    }

    /// Where the stream is, or would be.
    @inlinable func search(_ id: UInt32) -> Int {
        let mask = self.ids.count - 1
        var place = self.home(of: id)
        while self.ids[place] != 0, self.ids[place] != id { place = (place + 1) & mask }
        return place
    }

    @inlinable mutating func resize(to count: Int) {
        var old = self
        self.ids = Array(repeating: 0, count: count)
        self.values = Array(repeating: nil, count: count)
        for place in old.ids.indices where old.ids[place] != 0 {
            let new = self.search(old.ids[place])
            self.ids[new] = old.ids[place]
            self.values[new] = old.values[place].take()
        }
    }
}
