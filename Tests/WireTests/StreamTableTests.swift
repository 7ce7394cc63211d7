import Primitives
import Testing
import Wire

/// A table of streams does what a dictionary does.
struct StreamTableTests {
    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func doesWhatADictionaryDoes(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var table = StreamTable<UInt64>()
        var model: [UInt32: UInt64] = [:]
        // Few numbers, so that closing and opening meet; some far apart, as a peer may choose them.
        let ids = (1...300).map { index in index.isMultiple(of: 3) ? UInt32(index) << 20 : UInt32(index) }
        for _ in 0..<4_000 {
            let id = ids[Int(random.next() % UInt64(ids.count))]
            let value = random.next()
            switch (random.next() % 4, model[id]) {
            case (0...1, nil):
                table.open(id, value)
                model[id] = value
            case (0, .some):
                guard let place = table.place(of: id) else { break }
                table[place: place] = value
                model[id] = value
            case (2...3, _):
                #expect(table.close(id) == model.removeValue(forKey: id))
            default: break
            }
            #expect(table[id] == model[id])
            #expect(table.count == model.count)
        }
        #expect(table.sortedIDs == model.keys.sorted())
        for id in ids { #expect(table[id] == model[id]) }
        let now = random.next()
        let due = table.due(at: now) { $0 }
        #expect(due.ids == model.filter { $0.value <= now }.keys.sorted())
        #expect(due.next == model.values.filter { $0 > now }.min() ?? .max)
        #expect(table.due(at: .max) { $0 }.ids == model.keys.sorted())
    }

    @Test
    func closesAll() {
        var table = StreamTable<String>()
        for id in 1...100 as ClosedRange<UInt32> { table.open(id, "stream \(id)") }
        table.closeAll()
        #expect(table.isEmpty)
        #expect(table[50] == nil)
        #expect(table.close(50) == nil)
        table.open(50, "again")
        #expect(table[50] == "again")
    }

    @Test
    func theConnectionIsNoStream() {
        var table = StreamTable<Int>()
        #expect(table.place(of: 0) == nil)
        table.open(1, 1)
        #expect(table[0] == nil)
        #expect(table.close(0) == nil)
    }
}
