import Primitives
import Testing
import Wire

@Suite struct CreditTests {
    @Test func allowsOneItemBeyondTheBalance() {
        var credit = Credit(100)
        let first = credit.pay(payloadByteCount: 1_000)
        #expect(first && credit.balance == 100 - 1_064)
        let outcomes = [
            credit.pay(payloadByteCount: 0), credit.grant(964), credit.pay(payloadByteCount: 0), credit.grant(1),
            credit.pay(payloadByteCount: 0),
        ]
        #expect(outcomes == [false, true, false, true, true])
    }

    @Test func emptyItemsAreNotFree() {
        var credit = Credit(640)
        var count = 0
        while credit.pay(payloadByteCount: 0) { count += 1 }
        #expect(count == 10)
    }

    @Test func refusesAnOverflowingGrant() {
        var credit = Credit(1)
        let outcomes = [credit.grant(.max), credit.grant(UInt32(Int32.max) - 1), credit.grant(1)]
        #expect(outcomes == [false, true, false])
        #expect(credit.balance == Credit.balanceMax)
    }

    /// A sender that keeps to its credit is never refused, never stuck, and never has more than credit and an item queued.
    @Test(arguments: [1, 64, 1_000, 100_000]) func bothSidesAgree(window: Int) {
        var sender = Credit(Int64(window))
        var receiver = CreditWindow(window: window)
        var queued: [Int] = []
        var generator = SplitMix64(seed: UInt64(window))
        var (sent, taken) = (0, 0)
        while taken < 2_000 {
            let size = Int(generator.next() % 5_000)
            if sent < 2_000, sender.pay(payloadByteCount: size) {
                sent += 1
                let isPaid = receiver.receive(payloadByteCount: size)
                #expect(isPaid)
                queued.append(size)
                let held = queued.reduce(0) { $0 + Int(Credit.cost(payloadByteCount: $1)) }
                #expect(held <= window + Int(Credit.cost(payloadByteCount: 5_000)))
                if generator.next() % 2 == 0 { continue }
            }
            guard !queued.isEmpty else {
                Issue.record("stuck after \(taken) items")
                return
            }
            taken += 1
            if let grant = receiver.consume(payloadByteCount: queued.removeFirst()) {
                let isGranted = sender.grant(grant)
                #expect(isGranted)
            }
        }
        #expect(sent == 2_000)
    }

    @Test func anItemWithoutCreditIsRefused() {
        var receiver = CreditWindow(window: 10)
        let outcomes = [receiver.receive(payloadByteCount: 1), receiver.receive(payloadByteCount: 0)]
        #expect(outcomes == [true, false])
    }
}
