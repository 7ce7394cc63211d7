import Primitives
import AuditModel
import Simulation

/// A way of writing another history and computing every hash of it anew.
struct Forgery: Sendable {
    let name: String
    let count: Int
    /// What whoever remembers the true history calls it.
    let kind: String
    /// - Returns: the entries of the other history, and the first that is not what it was.
    let forge: @Sendable ([TamperScene.Item], inout SplitMix64) -> (items: [TamperScene.Item], first: Int)

    static let all: [Forgery] = [
        .init(name: "an entry is edited", count: 12, kind: "payload-altered") { items, random in
            let index = Self.event(&random)
            var items = items
            items[index].bytes[items[index].bytes.count - 1] ^= 1
            return (items, index)
        },
        .init(name: "an entry is deleted", count: 8, kind: "entry-missing") { items, random in
            let index = Self.event(&random)
            var items = items
            items.remove(at: index)
            // One more at the end: the size alone must not give it away.
            return (items + [TamperScene.event(&random)], index)
        },
        .init(name: "two entries are swapped", count: 8, kind: "reordered") { items, random in
            let indices = [Self.event(&random), Self.event(&random)].sorted()
            guard indices[0] < indices[1] else { return (Array(items.dropLast()), items.count - 1) }
            var items = items
            items.swapAt(indices[0], indices[1])
            return (items, indices[0])
        },
        .init(name: "an entry is in it twice", count: 8, kind: "reordered") { items, random in
            let index = Self.event(&random)
            var items = items
            items.insert(items[index], at: index + 1)
            return (Array(items.dropLast()), index + 1)
        },
        .init(name: "the newest entries are cut off", count: 8, kind: "truncated") { items, random in
            let size = Int.random(in: 1..<items.count, using: &random)
            return (Array(items.prefix(size)), size)
        },
        .init(name: "another future is written over yesterday", count: 8, kind: "payload-altered") { items, random in
            let future = (0..<items.count).map { _ in TamperScene.event(&random) }
            return (items.prefix(TamperScene.sizeYesterday) + future, TamperScene.sizeYesterday)
        },
    ]

    /// An event that is neither the last one nor followed by a seal.
    private static func event(_ random: inout SplitMix64) -> Int {
        let batch = Int.random(in: 0..<TamperScene.batchCount, using: &random)
        return batch * (TamperScene.sealedCount + 1) + Int.random(in: 0..<TamperScene.sealedCount - 1, using: &random)
    }
}
