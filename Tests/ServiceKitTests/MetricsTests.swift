import ServiceKit
import Testing

struct MetricsTests {
    /// Prometheus text format, version 0.0.4: a label's value escapes backslash, quote and line end.
    @Test func labelsAreEscaped() {
        let metrics = Metrics()
        metrics.info("indelible_test_info", "A test.", [("plain", "0-255"), ("odd", "a\"b\\c\nd")])
        let expected = """
            # HELP indelible_test_info A test.
            # TYPE indelible_test_info gauge
            indelible_test_info{plain="0-255",odd="a\\"b\\\\c\\nd"} 1

            """
        #expect(metrics.render() == expected)
    }
}
