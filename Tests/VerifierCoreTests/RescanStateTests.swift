import AuditModel
import Primitives
import ProtobufC
import Testing
import VerifierCore

/// Goal: a reading of the whole log goes on after a restart, and what only follows from readings causes no record.
@Suite struct RescanStateTests {
    private static func entry(_ body: EntryBody) -> [UInt8] {
        Entry(blind: [UInt8](repeating: 1, count: Entry.blindByteCount), stamp: nil, body: body).serialized
    }

    @Test func goesOnAfterARestart() throws {
        var state = RescanState(now: 100)
        state.begin(size: 900)
        state.advance(to: 300, substance: 250, same: true)
        state.advance(to: 600, substance: nil, same: false)
        let again = try RescanState(remembered: state.remembered)
        #expect(again == state)
        #expect(again.run?.next == 600 && again.run?.size == 900 && again.run?.differingCount == 1)
        state.end()
        #expect(try RescanState(remembered: state.remembered) == state)
        for bytes in ["", "1 2 3\n", "1 2 3 x\n", "1 2 3 4 5\n"] {
            #expect(throws: IndelibleError.self) { try RescanState(remembered: Array(bytes.utf8)) }
        }
    }

    @Test func recordsAReadingOnceForWhatWasAdded() {
        var state = RescanState(now: 0)
        let read = { (state: inout RescanState, substance: UInt64, failed: Bool) in
            state.begin(size: 10)
            state.advance(to: 10, substance: substance, same: !failed)
            let isDue = state.finish(now: 1, failed: failed)
            if isDue { state.recorded(failed: failed) }
            state.end()
            return isDue
        }
        #expect(read(&state, 7, false))
        #expect(!read(&state, 7, false))
        #expect(read(&state, 8, false))
        // A finding is worth a record of its own, and so is its end.
        #expect(read(&state, 8, true))
        #expect(!read(&state, 8, true))
        #expect(read(&state, 8, false))
    }

    @Test func recordsOfReadingsCauseNone() throws {
        let isSubstance = { (bytes: [UInt8]) in RescanState.isSubstance(bytes.span) }
        #expect(!isSubstance(Self.entry(.verification(VerificationRecord(root: .zero)))))
        #expect(isSubstance(Self.entry(.event([1, 2, 3]))))
        #expect(isSubstance([9, 9, 9]))
    }
}
