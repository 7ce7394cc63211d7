import Testing
import TransparencyLog

@Suite struct TilePathTests {
    struct Row: Sendable {
        let content: TilePath.Content
        let index: UInt64
        var width = 256
        let path: String?
    }

    static let rows = [
        Row(content: .hashes(level: 0), index: 0, path: "tile/0/000"),
        Row(content: .hashes(level: 0), index: 273, width: 112, path: "tile/0/273.p/112"),
        Row(content: .hashes(level: 1), index: 999, path: "tile/1/999"),
        Row(content: .hashes(level: 2), index: 1000, path: "tile/2/x001/000"),
        Row(content: .entries, index: 1_234_067, path: "tile/entries/x001/x234/067"),
        Row(content: .entries, index: 1_000_000, width: 1, path: "tile/entries/x001/x000/000.p/1"),
        Row(content: .hashes(level: 63), index: 0, width: 255, path: "tile/63/000.p/255"),
        Row(
            content: .hashes(level: 0),
            index: 999_999_999_999_999_999,
            path: "tile/0/x999/x999/x999/x999/x999/999",
        ),
        Row(content: .hashes(level: 0), index: 1_000_000_000_000_000_000, path: nil),
        Row(content: .hashes(level: 64), index: 0, path: nil),
        Row(content: .hashes(level: -1), index: 0, path: nil),
        Row(content: .entries, index: 0, width: 0, path: nil),
        Row(content: .entries, index: 0, width: 257, path: nil),
    ]

    @Test(arguments: rows) func formatsAndParses(_ row: Row) {
        let tile = TilePath(row.content, index: row.index, width: row.width)
        #expect(tile?.description == row.path)
        if let path = row.path { #expect(TilePath(parsing: path) == tile) }
    }

    @Test(arguments: [
        "", "tile", "tile/", "tile/0", "tile/0/", "/tile/0/000", "tile/0/000/", "tiles/0/000", "checkpoint",
        "tile/00/000", "tile/01/000", "tile/64/000", "tile/-1/000", "tile/data/000", "tile/8/0/000",
        "tile/0/0", "tile/0/00", "tile/0/0000", "tile/0/1/234", "tile/0/x1/234", "tile/0/001/234",
        "tile/0/x001/x234", "tile/0/x000/001", "tile/0/x000/x001/000", "tile/0/X001/000", "tile/0/x001/x23/067",
        "tile/0/000.p/0", "tile/0/000.p/07", "tile/0/000.p/256", "tile/0/000.p/+1", "tile/0/000.p/", "tile/0/000.p",
        "tile/0/000.p/1/2", "tile/0/000.P/1", "tile/0/000/1", "tile/0/x001.p/1", "tile/0/.p/1", "tile/.p/1",
        "tile/0/000.p.p/1", "tile/0/٠٠٠", "tile/0/x001/x001/x001/x001/x001/x001/001", "tile/0/..", "tile/../0/000",
    ])
    func refuses(path: String) {
        #expect(TilePath(parsing: path) == nil)
    }

    @Test func knowsWhatItCovers() {
        #expect(TilePath(.entries, index: 2, width: 3)?.entries == 512..<515)
        #expect(TilePath(.hashes(level: 1), index: 1, width: 17)?.entries == 65_536..<69_888)
        #expect(TilePath(.hashes(level: 7), index: 0, width: 127)?.entries == 0..<9_151_314_442_816_847_872)
        #expect(TilePath(.hashes(level: 7), index: 0, width: 128)?.entries == nil)
        #expect(TilePath(.hashes(level: 8), index: 0, width: 1)?.entries == nil)
        #expect(TilePath(.entries, index: TilePath.indexMax)?.entries == nil)
    }

    @Test func existsOnceItsLastHashDoes() {
        let tile = TilePath(.hashes(level: 1), index: 0, width: 2)
        #expect(tile?.exists(inTreeOf: 511) == false)
        #expect(tile?.exists(inTreeOf: 512) == true)
    }
}

@Suite struct TileGrowthTests {
    @Test func listsAllOfASize() {
        #expect(TileGrowth(from: 0, to: 0).map(\.description).isEmpty)
        #expect(
            TileGrowth(from: 0, to: 256).map(\.description) == ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]
        )
        let large = TileGrowth(from: 0, to: 70000).map(\.description)
        #expect(large.count == 551)
        #expect(Set(large).count == 551)
        #expect(large.count { $0.hasPrefix("tile/0/") } == 274)
        #expect(large.count { $0.hasPrefix("tile/entries/") } == 274)
        #expect(large.suffix(3) == ["tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"])
        #expect(large.contains("tile/0/273.p/112"))
    }

    /// The definition, size by size: a file belongs to a growth when the new size has it and the old one has not.
    @Test func growsByTheDifference() {
        let sizes: [UInt64] = [0, 1, 2, 255, 256, 257, 300, 511, 512, 513, 65535, 65536, 65537, 70000]
        for old in sizes {
            let before = Set(TileGrowth(from: 0, to: old))
            for new in sizes where new >= old {
                let after = Set(TileGrowth(from: 0, to: new))
                let growth = Array(TileGrowth(from: old, to: new))
                #expect(Set(growth) == after.subtracting(before), "\(old) to \(new)")
                #expect(Set(growth).count == growth.count)
                #expect(growth.allSatisfy { $0.exists(inTreeOf: new) })
            }
        }
    }

    @Test func reachesTheLargestSize() {
        let growth = TileGrowth(from: Checkpoint.sizeMax - 1, to: Checkpoint.sizeMax)
        #expect(
            growth.map(\.description) == [
                "tile/entries/x036/x028/x797/x018/x963/967.p/255", "tile/0/x036/x028/x797/x018/x963/967.p/255",
            ]
        )
    }
}
