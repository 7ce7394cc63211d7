import AuditModel
import CIndelibleProto
import Primitives
import ProtobufC
import Testing

/// Goal: our bytes are protobuf-c's bytes, and what we wrote we read.
///
/// Method: write a value with every field set, let protobuf-c unpack and pack it, and read it back.
@Suite struct ProtobufEqualityTests {
    private func check<Value: ProtoMessage & Equatable, Generated: BitwiseCopyable>(
        _ value: Value,
        _ initialize: (UnsafeMutablePointer<Generated>?) -> Void,
    ) throws {
        let bytes = value.serialized
        let type = unsafe ProtoType(initialize)
        let repacked = unsafe try type.withUnpacked(bytes.span) { (message) throws(IndelibleError) in
            unsafe type.pack(message.pointee)
        }
        #expect(repacked == bytes, "\(type.descriptor.name)")
        #expect(try Value(serialized: bytes) == value)
    }

    @Test func event() throws {
        unsafe try self.check(Samples.event(), indelible__v1__audit_event__init)
        unsafe try self.check(AuditEvent(), indelible__v1__audit_event__init)
    }

    @Test func seal() throws {
        unsafe try self.check(Samples.sealBody(), indelible__v1__seal_body__init)
        unsafe try self.check(Samples.keyBody(), indelible__v1__key_body__init)
        unsafe try self.check(Stamp(collector: "c", receivedNanoseconds: 1), indelible__v1__stamp__init)
    }

    @Test func verdicts() throws {
        unsafe try self.check(Samples.verdicts(), indelible__v1__verdict_batch__init)
    }

    @Test(arguments: 0..<200 as Range<UInt64>) func sizeOfAVerdictIsNeverTooSmall(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let shift = Int32(seed % 32)
        let verdict = Verdict(
            eventIndex: random.next() >> (seed % 64),
            leafHash: try Samples.digest(1),
            features: (0..<seed % 97).map { _ in Int32(truncatingIfNeeded: random.next()) >> shift },
            marginBits: (0..<seed % 5).map { _ in UInt32(truncatingIfNeeded: random.next()) },
            category: String(repeating: "c", count: Int(seed % 130)),
            risk: UInt32(truncatingIfNeeded: random.next()),
            severity: "critical",
            actorPrevious: random.next(),
            contributions: (0..<UInt32(seed % 9)).map { .init(feature: $0 << shift, valueBits: 1) },
        )
        let byteCount = verdict.serialized.count
        #expect(verdict.byteCountMax >= byteCount)
        #expect(verdict.byteCountMax <= byteCount + 100 + verdict.contributions.count * 8 + verdict.features.count * 2)
    }

    @Test func everyBodyWithinAnEntry() throws {
        let bodies = try Samples.bodies()
        #expect(bodies.map(\.kind) == EntryKind.names.map(\.kind))
        for body in bodies {
            let entry = Samples.entry(body)
            let bytes = entry.serialized
            let message = unsafe try #require(indelible__v1__entry__unpack(nil, bytes.count, bytes))
            defer { unsafe indelible__v1__entry__free_unpacked(message, nil) }
            unsafe #expect(message.pointee.body_case.rawValue == UInt32(body.kind.rawValue))
            var repacked = [UInt8](repeating: 0, count: unsafe indelible__v1__entry__get_packed_size(message))
            unsafe indelible__v1__entry__pack(message, &repacked)
            #expect(repacked == bytes, "\(body.kind)")
            #expect(try Entry(serialized: bytes) == entry)
        }
    }

    /// A batch as full as an entry can be is within the limits of what reads it.
    @Test func fullVerdictBatch() throws {
        let contributions = (0..<8).map { Verdict.Contribution(feature: $0, valueBits: 1) }
        let verdict = Verdict(
            eventIndex: 1,
            leafHash: try Samples.digest(1),
            features: [Int32](repeating: 1, count: 8),
            marginBits: [1],
            contributions: contributions,
        )
        let size = verdict.serialized.count + 2
        let batch = VerdictBatch(
            modelHash: try Samples.digest(2),
            schemaHash: try Samples.digest(3),
            slot: 1,
            verdicts: [Verdict](repeating: verdict, count: 65_400 / size),
        )
        #expect(try VerdictBatch(serialized: batch.serialized) == batch)
    }

    @Test func verdictsOfRules() throws {
        let hit = RuleHit(
            ruleHash: try Samples.digest(1),
            id: "id",
            title: "title",
            level: "high",
            tags: ["attack.t1", "attack.t2"],
            events: [1, .max],
        )
        let verdict = Verdict(eventIndex: 7, leafHash: try Samples.digest(2), severity: "high", rules: [hit, hit])
        #expect(verdict.byteCountMax >= verdict.serialized.count)
        let batch = VerdictBatch(
            modelHash: try Samples.digest(3),
            schemaHash: try Samples.digest(4),
            slot: 9,
            verdicts: [verdict],
            ruleSetHash: try Samples.digest(3),
        )
        #expect(try VerdictBatch(serialized: batch.serialized) == batch)
    }

    /// Half a megabyte of memory from two bytes of message each is what an attacker would try.
    @Test func memoryIsCapped() throws {
        var bytes: [UInt8] = []
        for _ in 0..<32_000 { bytes += [0x5a, 0x00] }
        let error = #expect(throws: IndelibleError.self) { try AuditEvent(serialized: bytes) }
        #expect(error?.code == .invalidArgument)
    }

    @Test func wrongLengthsAreNamed() throws {
        var writer = ProtoWriter()
        writer.bytes(1, [1, 2, 3])
        let short = writer.bytes
        let error = #expect(throws: IndelibleError.self) { try AuditEvent(serialized: short) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("AuditEvent.id has 3 bytes") == true)
    }
}
