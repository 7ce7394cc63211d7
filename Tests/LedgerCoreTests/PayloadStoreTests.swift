import LedgerCore
import Primitives
import Simulation
import Testing

/// Goal: a payload is kept when it matches its commitment, and only then.
@Suite struct PayloadStoreTests {
    let disk = SimulatedDisk()
    let salt = [UInt8](repeating: 5, count: 16)

    @Test func keepsWhatMatches() throws {
        let log = try Log.small(on: self.disk)
        let payload = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let commitment = try PayloadStore.commitment(salt: self.salt, payload: payload)
        #expect(try log.payloads.open(commitment) == nil)
        for existed in [false, true] {
            var upload = try log.payloads.receive(commitment, salt: self.salt, upload: existed ? 2 : 1)
            for start in stride(from: 0, to: payload.count, by: 3_000) {
                try upload.put(Array(payload[start..<min(start + 3_000, payload.count)]))
            }
            #expect(try upload.finish() == existed)
        }
        self.disk.powerCut()
        self.disk.restart()
        let again = try Log.small(on: self.disk)
        let stored = try #require(try again.payloads.open(commitment))
        #expect(stored.byteCount == 10_000 && stored.salt == self.salt)
        #expect(try stored.read(20_000, at: 0) == payload)
        #expect(try stored.hash() == commitment)
        #expect(self.disk.files.keys.filter { $0.hasPrefix("payloads/") }.count == 1)
    }

    @Test func forgetsWhatDoesNotMatch() throws {
        let log = try Log.small(on: self.disk)
        let commitment = try PayloadStore.commitment(salt: self.salt, payload: [1])
        let error = #expect(throws: IndelibleError.self) {
            var upload = try log.payloads.receive(commitment, salt: self.salt, upload: 1)
            try upload.put([2])
            return try upload.finish()
        }
        #expect(error?.code == .invalidArgument)
        #expect(try log.payloads.contains(commitment) == false)
        #expect(self.disk.files.keys.contains { $0.hasPrefix("payloads/") } == false)
        #expect(throws: IndelibleError.self) { _ = try log.payloads.receive(commitment, salt: [1], upload: 1) }
    }

    @Test func removesWhatWasNeverFinished() throws {
        let log = try Log.small(on: self.disk)
        let commitment = try PayloadStore.commitment(salt: self.salt, payload: [1])
        var upload = try log.payloads.receive(commitment, salt: self.salt, upload: 1)
        try upload.put([1])
        try log.payloads.removeUnfinished()
        #expect(self.disk.files.keys.contains { $0.hasPrefix("payloads/") } == false)
    }
}
