import IndelibleCommand
import Primitives
import Testing

/// Goal: scripts can rely on what `indelible load --json` prints.
///
/// Method: whole lines, for known measurements.
struct LoadReportTests {
    private static func report(errors: Int) -> LoadReport {
        var tally = LoadTally()
        tally.acknowledgedEventCount = 3_000
        for milliseconds: UInt64 in [1, 1, 1, 4] { tally.latencies.record(milliseconds << 20) }
        for number in 0..<errors { tally.fail(IndelibleError(.unavailable, "number \(number)")) }
        return LoadReport(
            tally: tally,
            elapsedNanoseconds: 1_500_000_000,
            ledgerProcessorNanoseconds: 2_100_000,
            loadProcessorNanoseconds: 900_000,
        )
    }

    @Test func objectHasTheFiveMembers() {
        #expect(
            Self.report(errors: 0).json
                == #"{"events_per_second":2000,"p50_ms":1.049,"p99_ms":4.194,"ledger_cpu_ns_per_event":700,"errors":0}"#
                + "\n"
        )
    }

    @Test func unknownProcessorTimeIsNullAndErrorsCount() {
        var report = Self.report(errors: 2)
        report.ledgerProcessorNanoseconds = nil
        #expect(
            report.json
                == #"{"events_per_second":2000,"p50_ms":1.049,"p99_ms":4.194,"ledger_cpu_ns_per_event":null,"errors":2}"#
                + "\n"
        )
        #expect(report.tally.firstError?.message == "number 0")
    }

    @Test func nothingAcknowledgedIsZeroNotATrap() {
        let report = LoadReport(
            tally: LoadTally(),
            elapsedNanoseconds: 0,
            ledgerProcessorNanoseconds: 5,
            loadProcessorNanoseconds: 5,
        )
        #expect(
            report.json
                == #"{"events_per_second":0,"p50_ms":0.0,"p99_ms":0.0,"ledger_cpu_ns_per_event":5,"errors":0}"# + "\n"
        )
    }

    @Test func percentilesAreRightToOneStepInSixtyFour() {
        var histogram = LatencyHistogram()
        #expect(histogram.percentile(0.5) == 0)
        for value: UInt64 in 1...100_000 { histogram.record(value) }
        for (fraction, exact) in [(0.001, 100.0), (0.5, 50_000.0), (0.99, 99_000.0), (1.0, 100_000.0)] {
            let found = Double(histogram.percentile(fraction))
            #expect(found <= exact && found >= exact * 63 / 64 - 1, "\(fraction)")
        }
    }

    @Test func everyScaleHasItsBucket() {
        for value: UInt64 in [0, 1, 63, 64, 127, 128, 1 << 20, 1 << 40, 1 << 63, .max] {
            var histogram = LatencyHistogram()
            histogram.record(value)
            let found = histogram.percentile(1)
            #expect(found <= value && value - found <= value / 64)
        }
    }
}
