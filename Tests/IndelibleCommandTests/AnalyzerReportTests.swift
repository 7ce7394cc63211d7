import IndelibleCommand
import ServiceProtocol
import Testing

/// Goal: scripts can rely on what `indelible analyzers --json` prints.
///
/// Method: whole objects, for metrics as analyzers serve them and holders as the ledger names them.
struct AnalyzerReportTests {
    private static func metrics(member: String, connected: Int, events: Int = 5) -> MetricsText {
        MetricsText(
            """
            # HELP indelible_analyzer_info What this analyzer judges.
            # TYPE indelible_analyzer_info gauge
            indelible_analyzer_info{member="\(member)",model="aa",model_name="a \\"b\\\\c\\n{d} e",schema="bb"} 1
            indelible_analyzer_connected \(connected)
            indelible_analyzer_next_index 90
            indelible_analyzer_scored_events_total 7
            indelible_analyzer_slot_epoch{slot="0"} 0
            indelible_analyzer_slot_epoch{slot="3"} 12
            indelible_analyzer_slot_events_total{slot="3"} \(events)
            indelible_analyzer_append_seconds_bucket{le="+Inf"} 3
            indelible_analyzer_append_seconds_sum 0.5
            nonsense

            """
        )
    }

    @Test func objectsSayWhatIsKnown() {
        let report = AnalyzerReport(
            origin: "log.example",
            durableSize: 100,
            analyzers: [
                .init(process: "analyzer-1", url: "http://h:1", metrics: Self.metrics(member: "m", connected: 1)),
                .init(process: "analyzer-2", url: "http://h:2", metrics: nil),
            ],
            holders: [
                SlotHolder(member: "m", slots: SlotSet([0, 1, 2, 3, 9]), silentMilliseconds: 4),
                SlotHolder(member: "far", slots: SlotSet([255]), silentMilliseconds: 5),
            ],
        )
        let unknown =
            #""schema":null,"reachable":false,"connected":false,"slot_count":"#
        let expected =
            #"{"origin":"log.example","durable_size":100,"uncovered_slots":250,"analyzers":["#
            + #"{"process":"analyzer-1","metrics_http":"http://h:1","member":"m","slots":"0-3,9","model":"aa","#
            + #""model_name":"a \"b\\c\n{d} e","schema":"bb","reachable":true,"connected":true,"slot_count":5,"#
            + #""silent_milliseconds":4,"next_index":90,"lag_entries":10,"#
            + #""scored_events":7,"unreadable_events":null,"appended_entries":null,"restarts":null},"#
            + #"{"process":"analyzer-2","metrics_http":"http://h:2","member":null,"slots":null,"model":null,"#
            + #""model_name":null,"# + unknown + #"0,"silent_milliseconds":null,"next_index":null,"lag_entries":null,"#
            + #""scored_events":null,"unreadable_events":null,"appended_entries":null,"restarts":null},"#
            + #"{"process":"far","metrics_http":null,"member":"far","slots":"255","model":null,"model_name":null,"#
            + unknown + #"1,"silent_milliseconds":5,"next_index":null,"lag_entries":null,"#
            + #""scored_events":null,"unreadable_events":null,"appended_entries":null,"restarts":null}]}"# + "\n"
        #expect(report.json == expected)
        #expect(!report.isComplete)
        #expect(report.text.contains("analyzer-1: 5 slots (0-3,9)") && report.text.contains("10 entries behind"))
        #expect(report.text.contains("analyzer-2: does not answer"))
        #expect(report.text.contains("far: 1 slots (255)") && report.text.contains("250 slots without an analyzer"))
    }

    @Test func slotsHaveRates() {
        let report = AnalyzerReport(
            origin: "o",
            durableSize: 90,
            analyzers: [
                .init(
                    process: "a",
                    url: "u",
                    metrics: Self.metrics(member: "m", connected: 1),
                    later: Self.metrics(member: "m", connected: 1, events: 47),
                )
            ],
            holders: [SlotHolder(member: "m", slots: SlotSet([3]))],
            showsSlots: true,
        )
        #expect(
            report.json.hasSuffix(
                #""by_slot":[{"slot":3,"epoch":12,"lag_entries":null,"events":5,"events_per_second":42}]}]}"# + "\n"
            )
        )
    }

    @Test func everySlotNeedsAnAnalyzer() {
        func report(_ slots: SlotSet, connected: Int) -> AnalyzerReport {
            AnalyzerReport(
                origin: "o",
                durableSize: 90,
                analyzers: [.init(process: "a", url: "u", metrics: Self.metrics(member: "m", connected: connected))],
                holders: [SlotHolder(member: "m", slots: slots)],
            )
        }
        #expect(report(.all, connected: 1).isComplete)
        #expect(!report(.all, connected: 0).isComplete)
        #expect(report(SlotSet(0...127), connected: 1).uncoveredSlotCount == 128)
        #expect(!report(SlotSet(0...127), connected: 1).isComplete)
        let nobody = AnalyzerReport(origin: "o", durableSize: 0, analyzers: [], holders: [])
        #expect(nobody.uncoveredSlotCount == 256 && !nobody.isComplete)
    }
}
