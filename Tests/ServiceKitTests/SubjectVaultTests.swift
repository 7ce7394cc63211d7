// Goal: a key that was handed out is there after a power cut, and one that was destroyed is nowhere. Method: a simulated disk.

import Masking
import Primitives
import ServiceKit
import Simulation
import Storage
import Testing

struct SubjectVaultTests {
    private static let ann = Array("ann@example.org".utf8)

    @Test func keysSurviveAPowerCut() throws {
        let disk = SimulatedDisk()
        let vault = try SubjectVault("vault", in: disk, create: true)
        let key = try vault.key(of: Self.ann)
        let other = try vault.key(of: Array("bob".utf8))
        disk.powerCut()
        disk.restart()
        let again = try SubjectVault("vault", in: disk, create: false)
        #expect(again.pseudonymKey == vault.pseudonymKey)
        #expect(try again.key(of: Self.ann) == key)
        #expect(try again.key(withID: other.id) == other)
        #expect(key.bytes != other.bytes && key.id != other.id)
    }

    /// Also for a process that had the vault open all the time.
    @Test func destroyedKeysAreGone() throws {
        let disk = SimulatedDisk()
        let vault = try SubjectVault("vault", in: disk, create: true)
        let key = try vault.key(of: Self.ann)
        let keyholder = try SubjectVault("vault", in: disk, create: false)
        #expect(try keyholder.destroy(Self.ann) == 1)
        #expect(try keyholder.destroy(Self.ann) == 0)
        #expect(try vault.key(withID: key.id) == nil)
        #expect(try vault.key(of: Self.ann) != key)
        disk.powerCut()
        disk.restart()
        let file = try #require(try disk.readAll("vault", byteCountMax: 1 << 20))
        #expect(!file.indices.contains { file[$0...].starts(with: key.bytes) })
    }

    /// A record that a crash cut off, and one that the disk changed, cost their own key only.
    @Test func damageIsContained() throws {
        let disk = SimulatedDisk()
        let vault = try SubjectVault("vault", in: disk, create: true)
        _ = try vault.key(of: Self.ann)
        let second = try vault.key(of: Array("bob".utf8))
        let file = try disk.open("vault", .readWrite)
        try file.write([1, 2, 3], at: 130)
        try file.write([9], at: 128 * 3)
        let again = try SubjectVault("vault", in: disk, create: false)
        #expect(try again.key(withID: second.id) == second)
        try file.write([0], at: 40)
        let error = #expect(throws: IndelibleError.self) { try SubjectVault("vault", in: disk, create: false) }
        #expect(error?.code == .dataLoss)
    }

    @Test func theFileNamesNobody() throws {
        let disk = SimulatedDisk()
        _ = try SubjectVault("vault", in: disk, create: true).key(of: Self.ann)
        let file = try #require(try disk.readAll("vault", byteCountMax: 1 << 20))
        #expect(file.count == 256 && !file.indices.contains { file[$0...].starts(with: Self.ann) })
    }
}
