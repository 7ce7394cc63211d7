/// One direction's balance of one stream: how much more may be sent before the receiver grants more.
///
/// An item costs its payload's bytes plus ``itemByteCount``, so that empty items are not free. It may be sent while the
/// balance is positive, and may take it below zero: an item larger than the whole credit still gets through, and a receiver
/// never holds more than its credit plus one frame.
package struct Credit: Sendable, Equatable {
    /// What each item costs beside its payload.
    package static let itemByteCount = 64
    /// Most that a balance may reach.
    package static let balanceMax = Int64(Int32.max)

    package private(set) var balance: Int64

    package init(_ balance: Int64) {
        self.balance = balance
    }

    package static func cost(payloadByteCount: Int) -> Int64 {
        Int64(payloadByteCount) + Int64(Self.itemByteCount)
    }

    /// - Returns: whether the item may be sent; if so it is paid for.
    package mutating func pay(payloadByteCount: Int) -> Bool {
        guard self.balance > 0 else { return false }
        self.balance -= Self.cost(payloadByteCount: payloadByteCount)
        return true
    }

    /// - Returns: `false`, and changes nothing, when the balance would pass ``balanceMax``.
    package mutating func grant(_ amount: UInt32) -> Bool {
        guard self.balance + Int64(amount) <= Self.balanceMax else { return false }
        self.balance += Int64(amount)
        return true
    }
}

/// The receiver's side of a ``Credit``: grants in portions of half the window, so that grants are few.
package struct CreditWindow: Sendable, Equatable {
    private let window: Int64
    private var credit: Credit
    private var consumed: Int64 = 0

    package init(window: Int) {
        self.window = Int64(window)
        self.credit = Credit(Int64(window))
    }

    /// - Returns: `false` when the peer sent without credit.
    package mutating func receive(payloadByteCount: Int) -> Bool {
        self.credit.pay(payloadByteCount: payloadByteCount)
    }

    /// The reader took an item out of the queue.
    ///
    /// - Returns: what to grant the peer now; `nil` while it is not worth a frame.
    package mutating func consume(payloadByteCount: Int) -> UInt32? {
        self.consumed += Credit.cost(payloadByteCount: payloadByteCount)
        guard self.consumed * 2 >= self.window else { return nil }
        let amount = UInt32(clamping: self.consumed)
        guard self.credit.grant(amount) else { return nil }
        self.consumed -= Int64(amount)
        return amount
    }
}
