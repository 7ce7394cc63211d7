import AuditModel
import CIndelibleProto
import Primitives
import ProtobufC
import ServiceProtocol
import Testing
import Wire

/// Goal: our bytes are protobuf-c's bytes, and what we wrote we read, for each message.
@Suite struct MessageTests {
    private func check<Value: ProtoMessage & Equatable, Generated: BitwiseCopyable>(
        _ value: Value,
        _ initialize: (UnsafeMutablePointer<Generated>?) -> Void,
    ) throws {
        let bytes = value.serialized
        let type = unsafe ProtoType(initialize)
        let repacked = unsafe try type.withUnpacked(bytes.span, Value.limits) { (message) throws(IndelibleError) in
            unsafe type.pack(message.pointee)
        }
        #expect(repacked == bytes, "\(type.descriptor.name)")
        #expect(try Value(serialized: bytes) == value)
    }

    private func digests(_ bytes: ClosedRange<UInt8>) throws -> [Digest] {
        try bytes.map { try #require(Digest([UInt8](repeating: $0, count: 32))) }
    }

    @Test func answersToAppend() throws {
        let checkpoint = PublishedCheckpoint(note: [1, 2], size: 300, publishedNanoseconds: 1 << 60)
        let response = AppendResponse(
            firstIndex: 1,
            count: 2,
            size: 300,
            duplicate: true,
            known: [.init(firstItem: 0, count: 2, firstIndex: 5), .init()],
            checkpoint: checkpoint,
        )
        unsafe try self.check(response, indelible__v1__append_response__init)
        unsafe try self.check(checkpoint, indelible__v1__checkpoint__init)
    }

    @Test func fullestAnswerToAppend() throws {
        let run = KnownItems(firstItem: 16_000, count: 1, firstIndex: 1 << 40)
        let response = AppendResponse(known: [KnownItems](repeating: run, count: ProtocolLimits.itemCountMax))
        #expect(try AppendResponse(serialized: response.serialized) == response)
        let rejected = RejectedEvent(position: 16_000, reason: String(repeating: "r", count: 200))
        let submit = SubmitResponse(rejected: [RejectedEvent](repeating: rejected, count: ProtocolLimits.itemCountMax))
        #expect(try SubmitResponse(serialized: submit.serialized) == submit)
    }

    @Test func readRequests() throws {
        let request = ReadEntriesRequest(
            from: 1,
            to: 2,
            follow: true,
            kinds: EntryKindSet([.event, .seal]),
            slots: SlotSet([0, 9, 255]),
            kindsOfAllSlots: EntryKindSet([.model]),
        )
        #expect(request.wants(.event, slot: 9) && !request.wants(.event, slot: 8))
        #expect(request.wants(.model, slot: 8) && !request.wants(.verdicts, slot: 9))
        unsafe try self.check(request, indelible__v1__read_entries_request__init)
        unsafe try self.check(ReadEntriesRequest(), indelible__v1__read_entries_request__init)
        unsafe try self.check(
            WatchCheckpointsRequest(largerThan: 5, initial: true),
            indelible__v1__watch_checkpoints_request__init,
        )
        unsafe try self.check(GetCheckpointRequest(), indelible__v1__get_checkpoint_request__init)
        unsafe try self.check(GetStatusRequest(), indelible__v1__get_status_request__init)
    }

    @Test func slots() throws {
        for held in [SlotSet.none, .all, SlotSet([0, 9, 255])] {
            let request = HoldSlotsRequest(member: "m", held: held, isLeaving: true)
            unsafe try self.check(request, indelible__v1__hold_slots_request__init)
            #expect(try SlotSet(bitSet: held.bitSet) == held)
            #expect(try SlotSet(serialized: held.serialized) == held)
        }
        unsafe try self.check(
            HoldSlotsResponse(
                slots: [.init(slot: 0, epoch: 1 << 60), .init(slot: 255, epoch: 7)],
                leaseMilliseconds: 5_000,
                memberCount: 2,
            ),
            indelible__v1__hold_slots_response__init,
        )
        unsafe try self.check(
            SlotHolders(
                holders: [.init(member: "m", slots: .all, silentMilliseconds: 3), .init(member: "n")],
                leaseMilliseconds: 5_000,
            ),
            indelible__v1__slot_holders__init,
        )
        unsafe try self.check(GetSlotHoldersRequest(), indelible__v1__get_slot_holders_request__init)
        unsafe try self.check(
            PutSlotStateRequest(name: "n", slot: 255, epoch: 4, index: 5, state: [1, 2]),
            indelible__v1__put_slot_state_request__init,
        )
        unsafe try self.check(PutSlotStateResponse(), indelible__v1__put_slot_state_response__init)
        unsafe try self.check(GetSlotStateRequest(name: "n", slot: 3), indelible__v1__get_slot_state_request__init)
        unsafe try self.check(SlotState(known: true, index: 5, state: [1]), indelible__v1__slot_state__init)
        let large = SlotState(known: true, state: [UInt8](repeating: 1, count: ProtocolLimits.stateByteCountMax))
        #expect(try SlotState(serialized: large.serialized) == large)
    }

    @Test func proofs() throws {
        unsafe try self.check(
            GetInclusionProofRequest(index: 1, size: 2),
            indelible__v1__get_inclusion_proof_request__init,
        )
        let leaf = try self.digests(1...1)[0]
        unsafe try self.check(
            InclusionProofResponse(index: 1, size: 2, leafHash: leaf, hashes: self.digests(2...40)),
            indelible__v1__inclusion_proof__init,
        )
        unsafe try self.check(
            GetRangeProofRequest(first: 1, end: 2, size: 3),
            indelible__v1__get_range_proof_request__init,
        )
        unsafe try self.check(
            RangeProofResponse(first: 1, end: 2, size: 3, left: self.digests(1...2), right: self.digests(3...5)),
            indelible__v1__range_proof__init,
        )
        unsafe try self.check(
            GetConsistencyProofRequest(oldSize: 1, size: 2),
            indelible__v1__get_consistency_proof_request__init,
        )
        unsafe try self.check(
            ConsistencyProofResponse(oldSize: 1, size: 2, hashes: self.digests(1...3)),
            indelible__v1__consistency_proof__init,
        )
    }

    @Test func statuses() throws {
        let witness = WitnessStatus(
            name: "w",
            verifierKey: "w+1+2",
            url: "http://127.0.0.1:1",
            size: 5,
            cosignedNanoseconds: 6,
            error: "e",
        )
        let status = LedgerStatus(
            origin: "example.org/log",
            logVerifierKey: "k",
            durableSize: 3,
            checkpointSize: 2,
            sealedSize: 1,
            state: "serving",
            reason: "r",
            checkpointNanoseconds: 4,
            witnesses: [witness, witness],
        )
        unsafe try self.check(status, indelible__v1__ledger_status__init)
        let ingest = IngestStatus(
            collector: "c",
            collectorVerifierKey: "k",
            spooledBatches: 1,
            spooledByteCount: 2,
            ledgerState: "away",
            accepted: 3,
            rejected: 4,
            refusedBatches: 5,
        )
        unsafe try self.check(ingest, indelible__v1__ingest_status__init)
        unsafe try self.check(GetIngestStatusRequest(), indelible__v1__get_ingest_status_request__init)
    }

    @Test func lookUps() throws {
        let id = EventID(unixMilliseconds: 1, randomness: (2, 3))
        unsafe try self.check(FindRequest(eventID: id), indelible__v1__find_request__init)
        unsafe try self.check(FindResponse(index: 300), indelible__v1__find_response__init)
        unsafe try self.check(GetProducerRequest(id: [1, 2]), indelible__v1__get_producer_request__init)
        unsafe try self.check(
            ProducerStatus(known: true, epoch: 1, lastSequence: 2, lastIndex: 3),
            indelible__v1__producer_status__init,
        )
    }

    @Test func payloads() throws {
        let commitment = try self.digests(9...9)[0]
        unsafe try self.check(
            PayloadChunk(commitment: commitment, salt: [1], byteCount: 5, bytes: [1, 2]),
            indelible__v1__payload_chunk__init,
        )
        let full = PayloadChunk(bytes: [UInt8](repeating: 7, count: ProtocolLimits.payloadChunkByteCountMax))
        unsafe try self.check(full, indelible__v1__payload_chunk__init)
        unsafe try self.check(PutPayloadResponse(existed: true), indelible__v1__put_payload_response__init)
        unsafe try self.check(GetPayloadRequest(commitment: commitment), indelible__v1__get_payload_request__init)
    }

    @Test func submitAnswers() throws {
        let response = SubmitResponse(
            accepted: 1,
            rejected: [.init(position: 300, reason: "no id"), .init()],
            durable: true,
            firstIndex: 4,
            lastIndex: 5,
            duplicates: 6,
        )
        unsafe try self.check(response, indelible__v1__submit_response__init)
    }

    static let refusedReads: [(bytes: [UInt8], reason: String)] = [
        ([0x22, 0x01, 0x02], "2 is no kind of entry"),
        ([0x22, 0x01, 0x40], "64 is no kind of entry"),
        ([0x2a, 0x01, 0x00], "A slot set has 32 bytes"),
    ]

    @Test(arguments: refusedReads)
    func refusesReads(_ row: (bytes: [UInt8], reason: String)) {
        let error = #expect(throws: IndelibleError.self) { try ReadEntriesRequest(serialized: row.bytes) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains(row.reason) == true)
    }

    /// A digest that is not 32 bytes long is no proof.
    @Test func refusesShortHashes() throws {
        var writer = ProtoWriter()
        writer.bytes(3, [1, 2, 3])
        let bytes = writer.bytes
        #expect(throws: IndelibleError.self) { try InclusionProofResponse(serialized: bytes) }
    }

    @Test func methodNumbersAreThoseOfTheContract() {
        #expect(LedgerMethods.all.map(\.number) == Array(1...16))
        #expect(IngestMethods.all.map(\.number) == [101, 102])
        #expect(WitnessMethods.all.map(\.number) == [201])
        #expect(LedgerMethods.append.roles.contains(.reader) == false)
        #expect(LedgerMethods.readEntries.roles.contains(.writer) == false)
    }

    @Test func slotSets() throws {
        #expect(SlotSet.all.serialized.isEmpty)
        #expect(SlotSet([7]).serialized == [0x80] + [UInt8](repeating: 0, count: 31))
        #expect(try SlotSet(serialized: SlotSet([255, 64]).serialized) == SlotSet([64, 255]))
        for slot in UInt8.min...UInt8.max { #expect(SlotSet([slot]).contains(slot)) }
        #expect(SlotSet([0]).contains(64) == false)
    }
}
