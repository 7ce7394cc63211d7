import Primitives
import Simulation
import Storage
import Testing
import TransparencyLog
import VerifierCore

/// Goal: an export is verified when every byte is right, and else the first wrong index and file are named.
///
/// Method: logs made by the definitions, then one thing changed in them.
@Suite struct TileDirectoryTests {
    private static func verify(_ files: SimulatedDisk) throws -> TileDirectory.Outcome {
        try TileDirectory(files: files).verify(key: SampleLog.signer.verifierKey)
    }

    @Test(arguments: [0, 1, 2, 255, 256, 257, 511, 512, 600]) func verifies(size: Int) throws {
        let log = try SampleLog(size: size)
        let disk = SimulatedDisk()
        try log.export(to: disk)
        #expect(try Self.verify(disk) == .verified(log.checkpoint(size: size).checkpoint))
    }

    /// Two levels above the leaves; the root is a worked value.
    @Test func verifiesThreeLevels() throws {
        let log = try SampleLog(size: 70_000)
        let disk = SimulatedDisk()
        try log.export(to: disk)
        var seen: [UInt64] = []
        let outcome = try TileDirectory(files: disk).verify(key: SampleLog.signer.verifierKey) { done, all in
            if done == all { seen.append(all) }
        }
        guard case .verified(let checkpoint) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(Base64.encode(checkpoint.root.bytes) == "pipUvjMpT/1aXExjf9dUYwtxqJLoNW46Zmpcin/9FRg=")
        #expect(seen.first == 70_000)
    }

    @Test func namesEveryChangedByte() throws {
        let log = try SampleLog(size: 7)
        for path in ["tile/entries/000.p/7", "tile/0/000.p/7"] {
            let disk = SimulatedDisk()
            try log.export(to: disk)
            for position in 0..<(try #require(disk.files[path])) {
                disk.corrupt(path) { $0[position] ^= 1 }
                guard case .finding(let finding) = try Self.verify(disk) else {
                    Issue.record("byte \(position) of \(path) changed and nobody noticed")
                    return
                }
                if path.hasPrefix("tile/0") {
                    #expect(finding.kind == .tileWrong)
                    #expect(finding.path == path)
                    #expect(finding.index == UInt64(position / 32))
                    #expect(finding.expected == log.leaf(position / 32).hex)
                } else if position % 9 < 2 {
                    #expect(finding.kind == .payloadAltered && finding.expected == nil)
                } else {
                    // One bit of the digit makes it another entry of the log, but for entry-6.
                    let isDigit = position % 9 == 8 && position / 9 != 6
                    #expect(finding.kind == (isDigit ? .reordered : .payloadAltered))
                    #expect(finding.path == path)
                    #expect(finding.index == UInt64(position / 9))
                    #expect(finding.expected == log.leaf(position / 9).hex)
                }
                disk.corrupt(path) { $0[position] ^= 1 }
            }
            #expect(try Self.verify(disk) == .verified(log.checkpoint(size: 7).checkpoint))
        }
    }

    /// The intruder changes an entry and mends some of the tiles above it.
    @Test(arguments: 0...3) func namesTheEntryHoweverMuchWasMended(mended: Int) throws {
        let log = try SampleLog(size: 600)
        let forged = try SampleLog(size: 600, changing: 300)
        let disk = SimulatedDisk()
        try log.export(to: disk)
        let paths = ["tile/entries/001", "tile/0/001", "tile/1/000.p/2"]
        for path in paths.prefix(mended) {
            try disk.write(path, forged.content(#require(TilePath(parsing: path))))
        }
        let outcome = try Self.verify(disk)
        guard mended > 0 else {
            #expect(outcome == .verified(try log.checkpoint(size: 600).checkpoint))
            return
        }
        guard case .finding(let finding) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(finding.kind == (mended == 3 ? .rootWrong : .payloadAltered))
        #expect(finding.index == [nil, 300, 256, nil][mended])
        if mended < 3 { #expect(finding.path == "tile/entries/001") }
    }

    /// Hashes go onto the tree many bundles at a time: in each such group, and between two, the entry is named.
    @Test(arguments: [0, 8_191, 8_192, 16_640, 16_999]) func namesTheEntryInALargerLog(index: Int) throws {
        let log = try SampleLog(size: 17_000)
        let disk = SimulatedDisk()
        try log.export(to: disk)
        let forged = try SampleLog(size: 17_000, changing: index)
        let width = min(256, 17_000 - index / 256 * 256)
        let path = try #require(TilePath(.entries, index: UInt64(index / 256), width: width))
        try disk.write(path.description, forged.content(path))
        guard case .finding(let finding) = try Self.verify(disk) else {
            Issue.record("not noticed")
            return
        }
        #expect(finding.kind == .payloadAltered && finding.index == UInt64(index) && finding.path == path.description)
        #expect(finding.expected == log.leaf(index).hex && finding.found == forged.leaf(index).hex)
    }

    @Test func namesAChangedUpperTile() throws {
        let log = try SampleLog(size: 600)
        let disk = SimulatedDisk()
        try log.export(to: disk)
        disk.corrupt("tile/1/000.p/2") { $0[40] ^= 1 }
        guard case .finding(let finding) = try Self.verify(disk) else {
            Issue.record("not noticed")
            return
        }
        #expect(finding.kind == .tileWrong)
        #expect(finding.path == "tile/1/000.p/2")
        #expect(finding.index == 256)
    }

    @Test func namesEveryMissingFile() throws {
        let log = try SampleLog(size: 600)
        for tile in TileGrowth(from: 0, to: 600) {
            let disk = SimulatedDisk()
            try log.export(to: disk)
            try disk.remove(tile.description)
            let outcome = try Self.verify(disk)
            #expect(
                outcome
                    == .finding(
                        Finding(
                            tile.content == .entries ? .entryMissing : .tileWrong,
                            index: tile.entries?.lowerBound,
                            path: tile.description,
                            found: "no such file",
                        )
                    ),
                "\(tile)",
            )
        }
        #expect(
            try Self.verify(SimulatedDisk())
                == .finding(Finding(.checkpointInvalid, path: "checkpoint", found: "no such file"))
        )
    }

    @Test(arguments: ["tile/0/000", "tile/0/002.p/88", "tile/1/000.p/2"], [-1, 1])
    func refusesTilesOfAnotherLength(path: String, change: Int) throws {
        let log = try SampleLog(size: 600)
        let disk = SimulatedDisk()
        try log.export(to: disk)
        let content = try log.content(#require(TilePath(parsing: path)))
        try disk.write(path, change > 0 ? content + [0] : content.dropLast())
        guard case .finding(let finding) = try Self.verify(disk) else {
            Issue.record("not noticed")
            return
        }
        #expect(finding.kind == .tileWrong)
        #expect(finding.path == path)
    }

    /// A log may drop a partial file once the full one is there, while its old checkpoint is still about.
    @Test func readsTheFullFileForAPartialOne() throws {
        let log = try SampleLog(size: 600)
        let disk = SimulatedDisk()
        try log.export(to: disk)
        try disk.write("checkpoint", log.checkpoint(size: 300).bytes)
        let missing = Finding(.tileWrong, index: 0, path: "tile/1/000.p/1", found: "no such file")
        #expect(try Self.verify(disk) == .finding(missing))
        try disk.write("tile/1/000.p/1", log.content(#require(TilePath(parsing: "tile/1/000.p/1"))))
        #expect(try Self.verify(disk) == .verified(log.checkpoint(size: 300).checkpoint))
    }

    @Test func refusesAnUnsignedCheckpoint() throws {
        let log = try SampleLog(size: 3)
        let disk = SimulatedDisk()
        try log.export(to: disk)
        let other = try NoteSigner(name: SampleLog.origin, type: .ed25519, seed: [UInt8](repeating: 1, count: 32))
        try disk.write("checkpoint", SignedCheckpoint(log.checkpoint(size: 3).checkpoint, signer: other).bytes)
        guard case .finding(let finding) = try Self.verify(disk) else {
            Issue.record("not noticed")
            return
        }
        #expect(finding.kind == .checkpointInvalid)
    }
}
