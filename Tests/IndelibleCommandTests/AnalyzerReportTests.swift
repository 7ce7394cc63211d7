import IndelibleCommand
import Testing

/// Goal: scripts can rely on what `indelible analyzers --json` prints.
///
/// Method: whole objects, for metrics as analyzers serve them.
struct AnalyzerReportTests {
    private static func metrics(slots: String, connected: Int) -> MetricsText {
        MetricsText(
            """
            # HELP indelible_analyzer_info What this analyzer judges.
            # TYPE indelible_analyzer_info gauge
            indelible_analyzer_info{slots="\(slots)",model="aa",model_name="a \\"b\\\\c\\n{d} e",schema="bb"} 1
            indelible_analyzer_connected \(connected)
            indelible_analyzer_next_index 90
            indelible_analyzer_scored_events_total 7
            indelible_analyzer_append_seconds_bucket{le="+Inf"} 3
            indelible_analyzer_append_seconds_sum 0.5
            nonsense

            """
        )
    }

    @Test func objectsSayWhatTheMetricsSay() {
        let report = AnalyzerReport(
            origin: "log.example",
            durableSize: 100,
            analyzers: [
                .init(process: "analyzer-1", url: "http://h:1", metrics: Self.metrics(slots: "0-127", connected: 1)),
                .init(process: "analyzer-2", url: "http://h:2", metrics: nil),
            ],
        )
        let expected =
            #"{"origin":"log.example","durable_size":100,"uncovered_slots":128,"analyzers":["#
            + #"{"process":"analyzer-1","metrics_http":"http://h:1","reachable":true,"connected":true,"slots":"0-127","#
            + #""model":"aa","model_name":"a \"b\\c\n{d} e","schema":"bb","next_index":90,"lag_entries":10,"#
            + #""scored_events":7,"unreadable_events":null,"appended_entries":null,"restarts":null},"#
            + #"{"process":"analyzer-2","metrics_http":"http://h:2","reachable":false,"connected":false,"slots":null,"#
            + #""model":null,"model_name":null,"schema":null,"next_index":null,"lag_entries":null,"#
            + #""scored_events":null,"unreadable_events":null,"appended_entries":null,"restarts":null}]}"# + "\n"
        #expect(report.json == expected)
        #expect(!report.isComplete)
        #expect(report.text.contains("analyzer-1: slots 0-127") && report.text.contains("10 entries behind"))
        #expect(report.text.contains("analyzer-2: does not answer"))
    }

    @Test(
        arguments: [
            (["0-127", "128-255"], [1, 1], 0, true), (["0-127", "128-255"], [1, 0], 128, false),
            (["0-127", "0-255"], [0, 1], 0, false), (["5", "x"], [1, 1], 255, false), ([], [], 256, false),
        ] as [([String], [Int], Int, Bool)]
    ) func slotsNeedAConnectedAnalyzer(
        slots: [String],
        connected: [Int],
        uncovered: Int,
        isComplete: Bool,
    ) {
        let analyzers = zip(slots, connected).map { slots, connected in
            AnalyzerReport.Analyzer(process: "a", url: "u", metrics: Self.metrics(slots: slots, connected: connected))
        }
        let report = AnalyzerReport(origin: "o", durableSize: 90, analyzers: analyzers)
        #expect(report.uncoveredSlotCount == uncovered)
        #expect(report.isComplete == isComplete)
    }
}
