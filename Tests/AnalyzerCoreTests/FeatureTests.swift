import AnalyzerCore
import AuditModel
import Primitives
import Testing

struct FeatureTests {
    /// A change of the hash makes every shipped model useless: it must be meant, and be a new version.
    @Test func schemaIsWhatModelsWereTrainedOn() throws {
        let schema = try FeatureSchema.v1()
        #expect(Set(schema.names).count == schema.count)
        #expect(schema.canonicalText.hasPrefix("indelible/features/v1\n0 format event bucket(format, 64)\n"))
        #expect(schema.hash.hex == "64d6d679b99b9e562f6c895e847e687e3d82747f20dc00d9ecce1e2bf411ea2b")
    }

    @Test func valuesAreWholeNumbersThatBinary32Holds() throws {
        var extractor = FeatureExtractor(schema: try .v1())
        for item in TestEvents.log(count: 300, seed: 1) {
            let features = extractor.extract(index: item.index, slot: item.slot, item.event).features
            #expect(features.count == extractor.schema.count)
            #expect(features.allSatisfy { abs($0) < 1 << 24 })
        }
    }

    /// However slots are shared out, the vectors are those of one extractor that reads everything.
    @Test(arguments: [1, 2, 3, 256]) func sharesOfTheSlotsMakeTheSameVectors(shares: Int) throws {
        let log = TestEvents.log(count: 400, seed: 2)
        var whole = FeatureExtractor(schema: try .v1())
        let expected = log.map { whole.extract(index: $0.index, slot: $0.slot, $0.event) }
        for share in 0..<shares {
            let range = VerdictStreamTests.share(share, of: shares)
            var part = FeatureExtractor(schema: try .v1())
            for (item, extract) in zip(log, expected) where range.contains(item.slot) {
                #expect(part.extract(index: item.index, slot: item.slot, item.event) == extract)
            }
        }
    }

    @Test func namesTheActorsPreviousEvent() throws {
        var extractor = FeatureExtractor(schema: try .v1())
        var last: [String: UInt64] = [:]
        for item in TestEvents.log(count: 200, seed: 3) {
            let extract = extractor.extract(index: item.index, slot: item.slot, item.event)
            #expect(extract.actorPrevious == last[item.event.actor.id] ?? 0)
            last[item.event.actor.id] = item.index + 1
        }
    }

    @Test func noveltyNeedsAHistory() {
        var actor = ActorState()
        var event = AuditEvent()
        event.origin.address = "10.0.0.1"
        event.outcome = .init(.denied)
        event.occurredNanoseconds = TestEvents.start * 1_000_000_000
        for index in 0..<ActorState.historyCountMin {
            let seen = actor.observe(index: index, event, foldedAction: [])
            #expect(seen.address == .unknown)
            #expect(seen.failureRun == Int32(index))
            #expect(seen.previousIndex == index)
        }
        #expect(actor.observe(index: 20, event, foldedAction: []).address == .seen)
        event.origin.address = "10.0.0.2"
        event.occurredNanoseconds += 9 * 3600 * 1_000_000_000
        event.outcome = .init(.success)
        let seen = actor.observe(index: 21, event, foldedAction: [])
        #expect(seen.address == .new)
        #expect(seen.hour == .new)
        #expect(seen.agent == .seen)  // It has none, as before.
        #expect(seen.addressCount == 2)
        #expect(seen.failureRun == 9)
        #expect(seen.recentFailures == 9)
        #expect(seen.eventsThisHour == 1)
        #expect(seen.secondsSincePrevious == 1 + 15)
        let after = actor.observe(index: 22, event, foldedAction: [])
        #expect(after.failureRun == 0)
        #expect(after.address == .seen)
        #expect(after.eventsThisMinute == 2)
    }

    @Test func actorTablesAreBoundedAndForgetAlike() {
        func run() -> [Int32] {
            var table = ActorTable()
            return (0..<UInt64(5 * ActorTable.actorCountMax)).map { index in
                var event = AuditEvent()
                event.actor.id = "actor-\(index % 3 == 0 ? index % 7 : index)"
                let seen = table.observe(index: index, event, foldedAction: [])
                #expect(table.count <= ActorTable.actorCountMax)
                return seen.events
            }
        }
        let events = run()
        #expect(events == run())
        #expect(events.max() ?? 0 > 7)  // Busy actors are kept.
    }

    @Test func eventsWithoutAnActorShareNoHistory() {
        var table = ActorTable()
        for index in 0..<20 as Range<UInt64> {
            #expect(table.observe(index: index, AuditEvent(), foldedAction: []) == ActorState.Observation())
        }
        #expect(table.count == 0)
    }

    @Test func tableHasALineForEachEvent() throws {
        var table = FeatureTable(schema: try .v1())
        let columns = table.header.split(separator: ",").count
        for item in TestEvents.log(count: 3, seed: 4) {
            let line = table.line(index: item.index, slot: item.slot, item.event)
            #expect(line.hasPrefix("\(item.index),") && line.hasSuffix("\n"))
            #expect(line.split(separator: ",").count == columns)
        }
    }
}
