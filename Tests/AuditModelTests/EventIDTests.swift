import AuditModel
import Testing

@Suite struct EventIDTests {
    /// RFC 9562, appendix A.6.
    static let published = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"

    @Test func publishedVector() throws {
        let id = EventID(unixMilliseconds: 0x017f_22e2_79b0, randomness: (0xcc3, 0x18c4_dc0c_0c07_398f << 2))
        #expect(id.description == Self.published)
        #expect(id.unixMilliseconds == 0x017f_22e2_79b0)
        #expect(EventID(Self.published) == id)
        #expect(EventID(id.bytes) == id)
        #expect(EventID("017F22E279B07CC398C4DC0C0C07398F") == id)
    }

    @Test func versionAndVariantSurviveAnyRandomness() {
        for randomness in [UInt64.min, .max, 0x5555_5555_5555_5555] {
            let id = EventID(unixMilliseconds: .max, randomness: (randomness, randomness))
            #expect(id.bytes[6] >> 4 == 7)
            #expect(id.bytes[8] >> 6 == 2)
            #expect(id.unixMilliseconds == 0xffff_ffff_ffff)
        }
    }

    @Test(arguments: ["", "017f22e2", "017f22e2-79b0-7cc3-98c4dc0c0c07398f", "g17f22e2-79b0-7cc3-98c4-dc0c0c07398f"])
    func refuses(_ text: String) { #expect(EventID(text) == nil) }

    @Test func ordersByTime() {
        let early = EventID(unixMilliseconds: 1, randomness: (.max, .max))
        let late = EventID(unixMilliseconds: 2, randomness: (0, 0))
        #expect(early < late)
        #expect(early.bytes.lexicographicallyPrecedes(late.bytes))
    }

    @Test func othersHaveNoTime() { #expect(EventID([UInt8](repeating: 0xff, count: 16))?.unixMilliseconds == nil) }
}
