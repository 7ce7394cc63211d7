import Primitives
import Simulation
import TransparencyLog

/// A way of changing a log's files in place, and what must be said about it.
struct FileTampering: Sendable {
    let name: String
    /// Cases with different random numbers.
    let count: Int
    /// Tampers; returns the finding that must come first.
    let tamper: @Sendable (TamperCopy, inout SplitMix64) throws -> Detection

    // MARK: The ledger's directory, for fsck

    static let ledger: [FileTampering] = [
        .init(name: "an entry's byte in a segment", count: 40) { copy, random in
            let segment = try SegmentMap.random(in: copy, &random)
            let entry = Int.random(in: segment.entries.indices, using: &random)
            try copy.flip(segment.file, in: segment.entries[entry], &random)
            return Detection("entry", segment.first + entry)
        },
        .init(name: "an entry's length in a segment", count: 15) { copy, random in
            let segment = try SegmentMap.random(in: copy, &random)
            let entry = Int.random(in: segment.entries.indices, using: &random)
            let start = segment.entries[entry].lowerBound
            try copy.flip(segment.file, in: start - 2..<start, &random)
            return Detection("entry", segment.first + entry)
        },
        .init(name: "two entries of a segment", count: 10) { copy, random in
            let segment = try SegmentMap.random(in: copy, &random)
            let entry = Int.random(in: 1..<segment.entries.count - 1, using: &random)
            try copy.change(segment.file) { bytes in
                let (one, other) = (segment.entries[entry], segment.entries[entry + 1])
                let range = one.lowerBound - 2..<other.upperBound
                let swapped =
                    bytes[other.lowerBound - 2..<other.upperBound] + bytes[one.lowerBound - 2..<one.upperBound]
                bytes.replaceSubrange(range, with: swapped)
            }
            return Detection("entry", segment.first + entry)
        },
        .init(name: "a leaf hash", count: 25) { copy, random in
            let segment = try SegmentMap.random(in: copy, &random)
            let entry = Int.random(in: segment.entries.indices, using: &random)
            let start = try segment.region(4).lowerBound + 32 * entry
            try copy.flip(segment.file, in: start..<start + 32, &random)
            return Detection("tree", segment.first + entry)
        },
        .init(name: "a tile's root", count: 10) { copy, random in
            let segment = try SegmentMap.random(in: copy, &random)
            let tile = Int.random(in: 0..<TamperScene.segmentEntryCount / 256, using: &random)
            let start = try segment.region(5).lowerBound + 32 * tile
            try copy.flip(segment.file, in: start..<start + 32, &random)
            return Detection("tree", segment.first + 256 * tile)
        },
        .init(name: "a table of a segment", count: 25) { copy, random in
            let segment = try SegmentMap.random(in: copy, &random)
            // Identifiers: these events have none.
            let kind = [2, 3, 6, 7, 8][Int.random(in: 0..<5, using: &random)]
            try copy.flip(segment.file, in: segment.region(kind), &random)
            return Detection("region", segment.first)
        },
        .init(name: "bytes of a segment that nobody reads", count: 10) { copy, random in
            let segment = try SegmentMap.random(in: copy, &random)
            let end = try segment.region(1).upperBound
            let next = try segment.region(2).lowerBound
            guard end < next else { throw Unexpected("no space between the regions") }
            try copy.flip(segment.file, in: end..<next, &random)
            return Detection("region", segment.first)
        },
        .init(name: "bytes after a segment", count: 5) { copy, random in
            let segment = try SegmentMap.random(in: copy, &random)
            try copy.change(segment.file) { $0 += random.bytes(10) }
            return Detection("region", segment.first)
        },
        .init(name: "a manifest", count: 20) { copy, random in
            let segment = try SegmentMap.random(in: copy, &random)
            try copy.flip(segment.file, in: 0..<SegmentMap.manifestByteCount, &random)
            return Detection("manifest", segment.first)
        },
        .init(name: "a segment that is gone", count: 5) { copy, random in
            let segments = TamperScene.sealedSize / TamperScene.segmentEntryCount
            let segment = try SegmentMap(Int.random(in: 0..<segments - 1, using: &random), in: copy)
            try copy.removeFile(segment.file)
            return Detection("missing_segment", segment.first)
        },
        .init(name: "two segments", count: 5) { copy, random in
            let first = Int.random(in: 0..<TamperScene.sealedSize / TamperScene.segmentEntryCount - 1, using: &random)
            let (one, other) = try (SegmentMap(first, in: copy), SegmentMap(first + 1, in: copy))
            let bytes = try (copy.read(one.file), copy.read(other.file))
            try copy.write(bytes.1, to: one.file)
            try copy.write(bytes.0, to: other.file)
            return Detection("manifest", one.first)
        },
        .init(name: "a frame of the journal", count: 25) { copy, random in
            let frames = try FrameMap.unsealed(in: copy)
            guard let frame = frames.randomElement(using: &random) else { throw Unexpected("there is no frame") }
            try copy.flip(frame.file, in: frame.bytes, &random)
            return Detection("journal", max(frame.first, TamperScene.sealedSize))
        },
        .init(name: "the identity", count: 10) { copy, random in
            try copy.flip("identity", &random)
            return Detection("identity", nil)
        },
        .init(name: "the record of roots", count: 10) { copy, random in
            let count = TamperScene.sealedSize / TamperScene.segmentEntryCount
            let number = Int.random(in: 0..<count, using: &random)
            try copy.flip("roots", in: 36 * number..<36 * (number + 1), &random)
            return Detection("roots", number * TamperScene.segmentEntryCount)
        },
        .init(name: "the producers", count: 10) { copy, random in
            try copy.flip("producers", &random)
            return Detection("producers", nil)
        },
        .init(name: "the checkpoint", count: 20) { copy, random in
            try copy.flip("checkpoint", &random)
            return Detection("checkpoint", nil)
        },
        .init(name: "a payload", count: 10) { copy, random in
            let name = try copy.list("payloads").first ?? ""
            try copy.flip("payloads/\(name)", &random)
            return Detection("payload", nil)
        },
        .init(name: "the end of the journal, cut off", count: 5) { copy, random in
            let frames = try FrameMap.unsealed(in: copy).sorted { $0.first < $1.first }
            let frame = frames[Int.random(in: 0..<frames.count, using: &random)]
            for later in frames where later.first >= frame.first {
                try copy.change(later.file) { bytes in for at in later.bytes { bytes[at] = 0 } }
            }
            return Detection("journal", max(frame.first, TamperScene.sealedSize))
        },
    ]

    // MARK: Exported tiles, for verify

    static let tiles: [FileTampering] = [
        .init(name: "an entry's byte in a bundle", count: 25) { copy, random in
            let (bundle, ranges) = try Self.bundle(copy, &random)
            let entry = Int.random(in: ranges.indices, using: &random)
            try copy.flip(bundle.description, in: ranges[entry], &random)
            return Detection("payload-altered", Int(bundle.index) * 256 + entry)
        },
        .init(name: "two entries of a bundle", count: 10) { copy, random in
            let (bundle, ranges) = try Self.bundle(copy, &random)
            let one = Int.random(in: 0..<ranges.count - 1, using: &random)
            let other = Int.random(in: one + 1..<ranges.count, using: &random)
            try copy.change(bundle.description) { bytes in
                var entries = ranges.map { Array(bytes[$0]) }
                entries.swapAt(one, other)
                bytes = try EntryBundle.encode(entries)
            }
            return Detection("reordered", Int(bundle.index) * 256 + one)
        },
        .init(name: "a bundle or a tile that is cut", count: 10) { copy, random in
            let tile = try Self.tile(&random, TilePath.Content.allOfScene)
            try copy.change(tile.description) { $0.removeLast(Int.random(in: 1...$0.count, using: &random)) }
            return Detection(tile.content == .entries ? "payload-altered" : "tile-wrong", Self.first(tile))
        },
        .init(name: "a hash of a tile", count: 25) { copy, random in
            let tile = try Self.tile(&random, [.hashes(level: 0), .hashes(level: 1)])
            let position = Int.random(in: 0..<tile.width, using: &random)
            try copy.flip(tile.description, in: 32 * position..<32 * (position + 1), &random)
            return Detection("tile-wrong", (Int(tile.index) * 256 + position) << (8 * tile.level))
        },
        .init(name: "a bundle or a tile that is gone", count: 10) { copy, random in
            let tile = try Self.tile(&random, TilePath.Content.allOfScene)
            try copy.removeFile(tile.description)
            return Detection(tile.content == .entries ? "entry-missing" : "tile-wrong", Self.first(tile))
        },
        .init(name: "an exported checkpoint", count: 10) { copy, random in
            try copy.flip("checkpoint", &random)
            return Detection("checkpoint-invalid", nil)
        },
    ]

    private static func tile(_ random: inout SplitMix64, _ contents: [TilePath.Content]) throws -> TilePath {
        let tiles = TileGrowth(from: 0, to: UInt64(TamperScene.size)).filter { contents.contains($0.content) }
        guard let tile = tiles.randomElement(using: &random) else { throw Unexpected("there is no such tile") }
        return tile
    }

    private static func bundle(
        _ copy: TamperCopy,
        _ random: inout SplitMix64,
    ) throws -> (path: TilePath, entries: [Range<Int>]) {
        let path = try Self.tile(&random, [.entries])
        return (path, try EntryBundle.ranges(in: copy.read(path.description), count: path.width))
    }

    private static func first(_ tile: TilePath) -> Int? { tile.entries.map { Int($0.lowerBound) } }
}

extension TilePath.Content {
    fileprivate static let allOfScene: [Self] = [.entries, .hashes(level: 0), .hashes(level: 1)]
}
