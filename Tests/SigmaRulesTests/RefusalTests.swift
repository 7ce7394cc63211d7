import Primitives
import SigmaRules
import Testing

/// Goal: what cannot be used is refused with its line and a way out, and no bytes do any harm.
///
/// Method: a table of bad rules; then rules with some of their bytes changed, and bytes that are none.
struct RefusalTests {
    static let rows: [(text: String, says: String)] = [
        ("", "holds no rule"),
        ("just text", "not a map"),
        ("- a\n- b", "not a map"),
        ("title: [", "not YAML"),
        ("title: x\n\tid: y", "not YAML"),
        ("a: &x 1\nb: *x", "anchor"),
        ("title: *x", "alias"),
        ("title: !!str x", "tag"),
        ("title: x\ntitle: y", "twice"),
        ("? [a]\n: b", "key is a list"),
        ("id: x", "no title"),
        ("title: x", "no id"),
        ("title: x\nid: y\nlevel: awful", "level must be"),
        ("title: x\nid: y", "no logsource"),
        ("title: x\nid: y\nlogsource:\n    product: mars\n    service: rover", "mars/rover"),
        ("title: x\nid: y\naction: global", "action"),
        ("title: \(String(repeating: "x", count: 300))\nid: y", "title has more than"),
        (Rules.text("s:\n    a: x"), "no condition"),
        (Rules.text("s:\n    a: x\ncondition: t"), "\"t\""),
        (Rules.text("s:\n    a: x\nt:\n    a: y\ncondition: s"), "does not use"),
        (Rules.text("s:\n    a: x\ncondition: s and"), "ends where"),
        (Rules.text("s:\n    a: x\ncondition: (s"), "without its )"),
        (Rules.text("s:\n    a: x\ncondition: s s"), "`and` or `or`"),
        (Rules.text("s:\n    a: x\ncondition: s | count() > 5"), "Write a correlation"),
        (Rules.text("s:\n    a: x\ntimeframe: 5m\ncondition: s"), "timeframe"),
        (Rules.text("s:\n    a: x\ncondition: 2 of s*"), "2 of 1"),
        (Rules.text("s:\n    a: x\ncondition: 1 of t*"), "No selection"),
        (Rules.text("s:\n    a: x\ncondition: \(String(repeating: "not ", count: 60))s"), "deep"),
        (Rules.text("s: {}\ncondition: s"), "empty"),
        (Rules.text("s:\n    a: []\ncondition: s"), "empty"),
        (Rules.text("s:\n    a: {b: c}\ncondition: s"), "are a map"),
        (Rules.text("s:\n    a|expand: '%x%'\ncondition: s"), "placeholders"),
        (Rules.text("s:\n    a|soundslike: x\ncondition: s"), "soundslike"),
        (Rules.text("s:\n    a|re|contains: x\ncondition: s"), "do not go together"),
        (Rules.text("s:\n    a|re|cidr: x\ncondition: s"), "exclude"),
        (Rules.text("s:\n    a|cidr: 10.0.0.0/33\ncondition: s"), "no network"),
        (Rules.text("s:\n    a|exists: maybe\ncondition: s"), "true or false"),
        (Rules.text("s:\n    a|gt: many\ncondition: s"), "takes a number"),
        (Rules.text("s:\n    a|base64: 'x*'\ncondition: s"), "wildcards"),
        (Rules.text("s:\n    a|re: '(?=x)y'\ncondition: s"), "look-around"),
        (Rules.text("s:\n    a|re: '(?<!x)y'\ncondition: s"), "look-around"),
        (Rules.text("s:\n    a|re: '(x)\\1'\ncondition: s"), "earlier group"),
        (Rules.text("s:\n    a|re: 'x++'\ncondition: s"), "possessive"),
        (Rules.text("s:\n    a|re: '\\p{L}'\ncondition: s"), "Unicode"),
        (Rules.text("s:\n    a|re: '(x'\ncondition: s"), "no ) after"),
        (Rules.text("s:\n    a|re: 'x)'\ncondition: s"), "no ( before"),
        (Rules.text("s:\n    a|re: '[x'\ncondition: s"), "no ] after"),
        (Rules.text("s:\n    a|re: '*x'\ncondition: s"), "nothing before"),
        (Rules.text("s:\n    a|re: '((x{200}){200}){200}'\ncondition: s"), "states"),
        (
            Rules.text(
                "s:\n    a|re: '\(String(repeating: "(", count: 20))\(String(repeating: "){256}", count: 20))'\ncondition: s"
            ), "states",
        ),
        ("title: x\nid: y\ncorrelation: 5", "not a map"),
        (
            Rules.text(
                "s:\n    a: \(String(repeating: "[", count: 60))\(String(repeating: "]", count: 60))\ncondition: s"
            ), "deep",
        ),
        (Rules.text("s:\n    a: [\(String(repeating: "x,", count: 5000))]\ncondition: s"), "more than"),
        (Rules.text("s:\n    a: \(String(repeating: "x", count: 5000))\ncondition: s"), "bytes"),
        (String(repeating: "#", count: 300_000), "more than"),
        ("title: \u{0}", "zero byte"),
    ]

    @Test(arguments: rows) func isRefused(text: String, says: String) throws {
        let (set, refusals) = try Rules.compile(text)
        #expect(set.rules.isEmpty)
        let refusal = try #require(refusals.first)
        #expect(refusal.message.contains(says), "\(refusal)")
        #expect(refusal.message.hasSuffix(".") && refusal.file == "0.yml")
    }

    @Test func linesAreNamed() throws {
        let text = Rules.text("s:\n    a: x\n    b|cidr: nowhere\ncondition: s")
        let line = try #require(text.split(separator: "\n").firstIndex { $0.contains("nowhere") }) + 1
        #expect(try Rules.compile(text).refusals.map(\.line) == [line])
        let second = try Rules.compile(text.replacing("nowhere", with: "::1") + "\n---\n" + text).refusals
        #expect(second.map(\.line) == [text.split(separator: "\n", omittingEmptySubsequences: false).count + 1])
    }

    @Test func namesakesAreRefused() throws {
        let one = Rules.text("s:\n    a: x\ncondition: s")
        let other = Rules.text("s:\n    a: y\ncondition: s")
        #expect(try Rules.compile(one, one).refusals.count == 1)
        #expect(try Rules.compile(one, other).refusals.first?.message.contains("same id") == true)
        #expect(try Rules.compile(one, other).set.rules.count == 1)
    }

    static let healthy = [
        Rules.text(
            "s:\n    a|re: '^(x|y){2,3}[a-z]\\d'\n    b|contains|all: ['q*', \"r\"]\ncondition: s and not 1 of s*"
        ),
        Rules.text("s:\n    - a|cidr: 10.0.0.0/8\n    - {b: null, c|windash: ' -x'}\ncondition: all of them"),
        """
        title: x
        id: c
        correlation: {type: event_count, rules: [one], group-by: [userIdentity.arn], timespan: 5m, condition: {gte: 3}}
        """,
    ]

    @Test(arguments: 0..<40 as Range<UInt64>) func anyBytesAreSurvived(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let strange = Array("{}[]:|-*&!%@'\"\\#?,\n\t ()0x\u{e4}\u{0}~><".utf8)
        var usable = 0
        for round in 0..<60 {
            var bytes = round % 6 == 5 ? [] : Array(Self.healthy[round % 3].utf8)
            for _ in 0..<(1 + random.next() % 4) {
                let position = Int(random.next() % UInt64(bytes.count + 1))
                switch random.next() % 4 {
                case 0 where position < bytes.count: bytes[position] = UInt8(truncatingIfNeeded: random.next())
                case 1 where position < bytes.count: bytes.removeSubrange(position..<min(bytes.count, position + 5))
                case 2: bytes.insert(contentsOf: bytes.suffix(Int(random.next() % 60)), at: position)
                default: bytes.insert(strange[Int(random.next() % UInt64(strange.count))], at: position)
                }
            }
            let (set, refusals) = try RuleSet.compile([.init(name: "f", bytes: bytes)], sources: Rules.sources)
            #expect(!set.rules.isEmpty || !refusals.isEmpty)
            #expect(refusals.allSatisfy { !$0.message.isEmpty })
            usable += set.rules.count
            _ = set.rules(matching: bytes, format: Rules.format)
            _ = set.rules(
                matching: Array(#"{"a":["xy1","10.1.1.1",{}],"b":"qr","c":" /x"}"#.utf8),
                format: Rules.format,
            )
        }
        #expect(usable < 60, "nothing was broken")
    }
}
