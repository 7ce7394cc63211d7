import Testing

import JSONText

struct JSONNumberTests {
    private static func number(_ text: String) throws -> JSONNumber {
        try #require(try JSONReader.read(Array(text.utf8)).number)
    }

    @Test func integersAreExactOrAbsent() throws {
        #expect(try Self.number("9223372036854775807").int64 == .max)
        #expect(try Self.number("9223372036854775808").int64 == nil)
        #expect(try Self.number("-9223372036854775808").int64 == .min)
        #expect(try Self.number("18446744073709551615").uint64 == .max)
        #expect(try Self.number("18446744073709551616").uint64 == nil)
        #expect(try Self.number("1.0").int == nil)
        #expect(try Self.number("1e3").int == nil)
        #expect(try Self.number("-0").int == 0)
    }

    struct Rounding: Sendable {
        let text: String
        let floatBits: UInt32
        let doubleBits: UInt64
    }

    /// The second row lies above the middle of two floats by less than a double can tell.
    ///
    /// Going by way of `Double` would round it down to 0x3f800000.
    static let roundings = [
        Rounding(text: "0.1", floatBits: 0x3dcc_cccd, doubleBits: 0x3fb9_9999_9999_999a),
        Rounding(
            text: "1.00000005960464477539062500000001",
            floatBits: 0x3f80_0001,
            doubleBits: 0x3ff0_0000_1000_0000,
        ),
        Rounding(text: "1.000000059604644775390625", floatBits: 0x3f80_0000, doubleBits: 0x3ff0_0000_1000_0000),
        Rounding(text: "-0.0", floatBits: 0x8000_0000, doubleBits: 0x8000_0000_0000_0000),
        Rounding(text: "1e-45", floatBits: 0x0000_0001, doubleBits: 0x3696_d601_ad37_6ab9),
        Rounding(text: "3.4028235e38", floatBits: 0x7f7f_ffff, doubleBits: 0x47ef_ffff_e54d_aff8),
    ]

    @Test(arguments: roundings) func roundsOnce(_ row: Rounding) throws {
        let number = try Self.number(row.text)
        #expect(number.float?.bitPattern == row.floatBits)
        #expect(number.double?.bitPattern == row.doubleBits)
    }

    @Test func overflowIsAbsent() throws {
        #expect(try Self.number("1e400").double == nil)
        #expect(try Self.number("-1e400").double == nil)
        #expect(try Self.number("1e39").float == nil)
        #expect(try Self.number("1e39").double == 1e39)
        #expect(try Self.number("1e-400").double == 0)
        #expect(JSONNumber(Double.infinity) == nil)
        #expect(JSONNumber(Float.nan) == nil)
        #expect(JSONNumber(0.5 as Float)?.text == "0.5")
    }
}
