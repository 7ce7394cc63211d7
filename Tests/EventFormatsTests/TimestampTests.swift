import EventFormats
import Testing

struct TimestampTests {
    struct Row: Sendable {
        let text: String
        let nanoseconds: UInt64?
    }

    static let rows = [
        Row(text: "1970-01-01T00:00:00Z", nanoseconds: 0),
        Row(text: "2023-07-10T11:42:18Z", nanoseconds: 1_688_989_338_000_000_000),
        Row(text: "2023-07-10t11:42:18z", nanoseconds: 1_688_989_338_000_000_000),
        Row(text: "2023-07-10 11:42:18", nanoseconds: 1_688_989_338_000_000_000),
        Row(text: "2023-07-10 11:42:18 UTC", nanoseconds: 1_688_989_338_000_000_000),
        Row(text: "2023-07-10T13:42:18+02:00", nanoseconds: 1_688_989_338_000_000_000),
        Row(text: "2023-07-10 04:42:18 -0700", nanoseconds: 1_688_989_338_000_000_000),
        Row(text: "2023-07-10T13:42:18+02", nanoseconds: 1_688_989_338_000_000_000),
        Row(text: "2023-07-10T11:42:18.5Z", nanoseconds: 1_688_989_338_500_000_000),
        Row(text: "2023-07-10T11:42:18,123456789Z", nanoseconds: 1_688_989_338_123_456_789),
        Row(text: "2023-07-10T11:42:18.1234567899Z", nanoseconds: 1_688_989_338_123_456_789),
        Row(text: "2024-02-29", nanoseconds: 1_709_164_800_000_000_000),
        Row(text: "2000-02-29T23:59:60Z", nanoseconds: 951_868_799_000_000_000),
        Row(text: "1688989338", nanoseconds: 1_688_989_338_000_000_000),
        Row(text: "1688989338.25", nanoseconds: 1_688_989_338_250_000_000),
        Row(text: "1688989338123", nanoseconds: 1_688_989_338_123_000_000),
        Row(text: "1688989338123456", nanoseconds: 1_688_989_338_123_456_000),
        Row(text: "1688989338123456789", nanoseconds: 1_688_989_338_123_456_789),
        Row(text: "", nanoseconds: nil),
        Row(text: "0", nanoseconds: nil),
        Row(text: "-5", nanoseconds: nil),
        Row(text: "now", nanoseconds: nil),
        Row(text: "2023-02-29", nanoseconds: nil),
        Row(text: "2023-13-01", nanoseconds: nil),
        Row(text: "1969-12-31T23:59:59Z", nanoseconds: nil),
        Row(text: "1970-01-01T00:00:00+01:00", nanoseconds: nil),
        Row(text: "2554-01-01T00:00:00Z", nanoseconds: nil),
        Row(text: "2023-07-10T24:00:00Z", nanoseconds: nil),
        Row(text: "2023-07-10T11:42", nanoseconds: nil),
        Row(text: "2023-07-10T11:42:18.Z", nanoseconds: nil),
        Row(text: "2023-07-10T11:42:18Zulu", nanoseconds: nil),
        Row(text: "2023-07-10T11:42:18+25:00", nanoseconds: nil),
        Row(text: "99999999999999999999", nanoseconds: nil),
        Row(text: "٢٠٢٣-٠٧-١٠", nanoseconds: nil),
        Row(text: String(repeating: "1", count: 1000), nanoseconds: nil),
    ]

    @Test(arguments: rows) func reads(_ row: Row) {
        #expect(Timestamp.nanoseconds(row.text) == row.nanoseconds)
    }

    /// Every day from 1970 to 2553 is read as one day after the day before it, and written as it was read.
    @Test func countsEveryDay() throws {
        var time: UInt64 = 0
        while time < 18_400_000_000_000_000_000 {
            let text = Timestamp.text(time, digits: 9)
            #expect(Timestamp.nanoseconds(text) == time, "\(text)")
            time += 86_400_000_000_000 * 13 + 3_661_000_000_007
        }
        #expect(Timestamp.text(1_709_164_799_999_999_999, digits: 0) == "2024-02-28T23:59:59Z")
        #expect(Timestamp.text(1_709_164_800_000_000_000) == "2024-02-29T00:00:00.000Z")
    }

    @Test func knowsTheWeek() {
        #expect(Timestamp.hourAndWeekday(0) == (0, 3))
        #expect(Timestamp.hourAndWeekday(EventSimulator.defaultStart) == (6, 0))
    }
}
