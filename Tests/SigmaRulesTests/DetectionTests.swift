import SigmaRules
import Testing

/// Goal: detections mean what the Sigma specification says.
///
/// Method: a table of detections, each with records that it holds for and records that it does not.
struct DetectionTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let detection: String
        let yes: [String]
        let no: [String]
        var product = "aws/cloudtrail"
        var testDescription: String { self.detection }

        /// A selection with one field, `a`.
        static func field(_ key: String, _ value: String, yes: [String], no: [String]) -> Row {
            Row(
                detection: "s:\n    \(key): \(value)\ncondition: s",
                yes: yes.map { "{\"a\":\($0)}" },
                no: no.map { "{\"a\":\($0)}" },
            )
        }
    }

    static let values: [Row] = [
        .field(
            "a",
            "Stop",
            yes: ["\"stop\"", "\"STOP\"", "[\"x\",\"Stop\"]"],
            no: ["\"stopped\"", "\"xstop\"", "null", "{}"],
        ),
        .field("a|cased", "Stop", yes: ["\"Stop\""], no: ["\"stop\""]),
        .field("a", "[one, two]", yes: ["\"one\"", "\"TWO\""], no: ["\"three\"", "\"on\""]),
        .field("a", "St*p", yes: ["\"stop\"", "\"stp\"", "\"stop a stop\""], no: ["\"stops\""]),
        .field("a", "st?p", yes: ["\"stop\"", "\"stäp\""], no: ["\"stp\"", "\"stoop\""]),
        .field("a", #"'st\*p'"#, yes: ["\"st*p\""], no: ["\"stop\""]),
        .field("a", #"'a\\b\c'"#, yes: [#""a\\b\\c""#], no: ["\"abc\""]),
        .field("a", "'*a*b*c*'", yes: ["\"xxaxxbxxc\"", "\"abc\""], no: ["\"acb\"", "\"ab\""]),
        .field("a", "''", yes: ["\"\""], no: ["\"x\"", "null"]),
        .field("a", "null", yes: ["null", "[]"], no: ["\"\"", "0"]),
        .field("a", "4624", yes: ["4624", "\"4624\""], no: ["46240", "\"x4624\""]),
        .field("a", "true", yes: ["true", "\"True\""], no: ["false", "1"]),
        .field("a", "'No'", yes: ["\"No\"", "\"no\""], no: ["false", "\"not\""]),
        .field("a|contains", "mid", yes: ["\"xMIDx\"", "\"mid\""], no: ["\"md\""]),
        .field("a|startswith", "pre", yes: ["\"Prefix\""], no: ["\"xpre\""]),
        .field("a|endswith", "fix", yes: ["\"preFIX\""], no: ["\"fixed\""]),
        .field("a|contains|all", "[x, y]", yes: ["\"yx\"", "[\"x\",\"y\"]"], no: ["\"x\"", "\"y\""]),
        .field("a|contains", "admin", yes: [#"{"role":"Admin"}"#], no: [#"{"role":"user"}"#]),
        .field("a|exists", "true", yes: ["1", "null", "{}", "[]"], no: []),
        .field("a|exists", "false", yes: [], no: ["1", "null"]),
        .field("a|cidr", "10.1.0.0/16", yes: ["\"10.1.255.3\""], no: ["\"10.2.0.1\"", "\"10.1.0\"", "\"::1\"", "5"]),
        .field(
            "a|cidr",
            "[2001:db8::/33, 127.0.0.1]",
            yes: ["\"2001:DB8:7fff::1\"", "\"127.0.0.1\""],
            no: [
                "\"2001:db8:8000::1\"", "\"2001:db8:::1\"", "\"127.0.0.01.1\"",
            ],
        ),
        .field(
            "a|cidr",
            "::ffff:1.2.3.0/120",
            yes: ["\"::FFFF:1.2.3.9\""],
            no: ["\"1.2.3.9\"", "\"::ffff:1.2.4.9\""],
        ),
        .field("a|gt", "5", yes: ["6", "5.5", "\"7\""], no: ["5", "-6", "\"x\""]),
        .field("a|gte", "5", yes: ["5", "50"], no: ["4.9"]),
        .field("a|lt", "0.5", yes: ["0", "-1"], no: ["0.5", "1"]),
        .field("a|lte", "-2", yes: ["-2", "-3"], no: ["-1"]),
        .field("a|base64", "'foo bar'", yes: ["\"Zm9vIGJhcg==\""], no: ["\"foo bar\""]),
        .field(
            "a|base64offset|contains",
            "/bin/bash",
            yes: [
                "\"L2Jpbi9iYXNo\"", "\"eC9iaW4vYmFzaA==\"", "\"eHgvYmluL2Jhc2g=\"",
            ],
            no: ["\"/bin/bash\"", "\"eHgvYmlu\""],
        ),
        .field("a|wide|base64offset|contains", "'ping'", yes: ["\"cABpAG4AZwA=\""], no: ["\"cGluZw==\""]),
        .field("a|windash|contains", "' -enc'", yes: ["\"x -enc\"", "\"x /enc\"", "\"x –Enc\""], no: ["\"x enc\""]),
        .field("a|re", "'^ab+(c|d){2}$'", yes: ["\"abbcd\""], no: ["\"abbc\"", "\"xabcd\"", "\"ABCD\""]),
        .field("a|re|i", "'^ab'", yes: ["\"ABC\""], no: ["\"bab\""]),
        .field("a|re", "['^x', 'y$']", yes: ["\"xa\"", "\"ay\""], no: ["\"axya\""]),
    ]

    static let others: [Row] = [
        Row(
            detection: "s:\n    u.type: root\n    u.n: 1\ncondition: s",
            yes: [
                #"{"u":{"type":"Root","n":1}}"#, #"{"u":[{"type":"x"},{"type":"root","n":1}]}"#,
                #"{"u.type":"root","u.n":1}"#,
            ],
            no: [#"{"u":{"type":"Root"}}"#, #"{"type":"Root","n":1}"#],
        ),
        Row(
            detection: "s:\n    - a: x\n    - b: y\ncondition: s",
            yes: [#"{"a":"x"}"#, #"{"b":"y"}"#],
            no: [#"{"a":"y","b":"x"}"#],
        ),
        Row(
            detection: "k:\n    - mimikatz\n    - 'a*b'\ncondition: k",
            yes: [#"{"x":["MimiKatz.exe"]}"#, #"{"x":"a--b"}"#, "not json mimikatz"],
            no: [#"{"x":"b--a"}"#],
        ),
        Row(detection: "k:\n    '|all': [one, two]\ncondition: k", yes: ["{\"two\":\"one\"}"], no: ["{\"one\":1}"]),
        Row(
            detection: "s:\n    a|fieldref: b\ncondition: s",
            yes: [#"{"a":"x","b":"X"}"#],
            no: [#"{"a":"x","b":"y"}"#, #"{"a":"x"}"#],
        ),
        Row(
            detection: "s:\n    a: x\nf1:\n    b: y\nf2:\n    c: z\ncondition: s and not 1 of f*",
            yes: [#"{"a":"x"}"#],
            no: [#"{"a":"x","b":"y"}"#, #"{"a":"x","c":"z"}"#, "{}"],
        ),
        Row(
            detection: "s1:\n    a: x\ns2:\n    b: y\ns3:\n    c: z\ncondition: 2 of s*",
            yes: [#"{"a":"x","c":"z"}"#, #"{"a":"x","b":"y","c":"z"}"#],
            no: [#"{"a":"x"}"#, "{}"],
        ),
        Row(
            detection: "s1:\n    a: x\ns2:\n    b: y\n_x:\n    c: z\ncondition: all of them or _x",
            yes: [#"{"a":"x","b":"y"}"#, #"{"c":"z"}"#],
            no: [#"{"a":"x"}"#],
        ),
        Row(
            detection: "s:\n    a: x\nt:\n    b: y\nu:\n    c: z\ncondition: s or t and not (u or t)",
            yes: [#"{"a":"x","b":"y"}"#],
            no: [#"{"b":"y"}"#, #"{"c":"z"}"#],
        ),
        Row(detection: "s:\n    a: x\nt:\n    b: y\ncondition:\n    - s\n    - t", yes: [#"{"b":"y"}"#], no: ["{}"]),
        Row(
            detection: "s:\n    EventID: 4625\n    TargetUserName|endswith: '$'\ncondition: s",
            yes: [
                #"{"EventID":4625,"EventData":{"TargetUserName":"PC$"}}"#, #"{"EventID":4625,"TargetUserName":"PC$"}"#,
            ],
            no: [#"{"EventID":4625,"Other":{"TargetUserName":"PC$"}}"#],
            product: "windows/security",
        ),
    ]

    @Test(arguments: values + others) func holds(_ row: Row) throws {
        for record in row.yes { #expect(try Rules.hits(row.detection, record, product: row.product), "\(record)") }
        for record in row.no { #expect(try !Rules.hits(row.detection, record, product: row.product), "\(record)") }
    }

    static let expressions: [(regex: String, yes: [String], no: [String])] = [
        (#"a.c"#, ["abc", "a\u{e4}c"], ["ac", #"a\nc"#]),
        (#"(?i)[A-C]x[^0-9]"#, ["bXz", "AXé"], ["bx1", "dxz"]),
        (#"\d{2,3}\s\w+"#, ["12 a", "x1234 b_"], ["1 a", "12  a"]),
        (#"^(?:a|b)*?c+$"#, ["ababcc", "c"], ["abd", "cab"]),
        (#"\bcat\b"#, ["a cat.", "cat"], ["concat", "cats"]),
        (#"\Bat"#, ["cat"], ["at"]),
        (#"x{0,2}y$"#, ["xxy", "y", "xxxy"], ["yx"]),
        (#"(?P<n>a)\.b\\\x41"#, [#"a.b\\A"#], ["axbA"]),
        (#"a{,2}"#, ["a{,2}"], ["aa"]),
        ("(a*)*b", ["b", "aab"], ["aaaa"]),
        ("ä|ö", ["ö"], ["o"]),
    ]

    @Test(arguments: expressions) func regularExpressions(regex: String, yes: [String], no: [String]) throws {
        let detection = "s:\n    a|re: '\(regex)'\ncondition: s"
        for text in yes { #expect(try Rules.hits(detection, "{\"a\":\"\(text)\"}"), "\(text)") }
        for text in no { #expect(try !Rules.hits(detection, "{\"a\":\"\(text)\"}"), "\(text)") }
    }

    /// An expression that makes engines which backtrack take more than the age of the universe.
    @Test func noTextIsSlow() throws {
        let record = "{\"a\":\"\(String(repeating: "a", count: 40_000))\"}"
        #expect(try !Rules.hits("s:\n    a|re: '^(a+)+(a|aa)*$x'\ncondition: s", record))
        #expect(try !Rules.hits("s:\n    a: '*a*a*a*a*a*b'\ncondition: s", record))
    }

    /// Rules are found by what an event says; the order of files and rules does not matter.
    @Test func manyRulesAreOneSet() throws {
        let texts = (0..<300).map { Rules.text("s:\n    a: v\($0)\n    b: w\ncondition: s", id: "r\($0)") }
        let files = texts.enumerated().map { RuleSet.File(name: "\($0.offset)", bytes: Array($0.element.utf8)) }
        let set = try RuleSet.compile(files, sources: Rules.sources).set
        let again = try RuleSet.compile(files.reversed(), sources: Rules.sources).set
        #expect(set.hash == again.hash && set.rules.map(\.hash) == again.rules.map(\.hash))
        #expect(set.rules.count == 300)
        let found = set.rules(matching: Array(#"{"b":"w","a":["v7","V299","other"]}"#.utf8), format: Rules.format)
        #expect(Set(found.map { set.rules[$0].id }) == ["r7", "r299"])
        #expect(set.rules(matching: Array(#"{"b":"w","a":"v7"}"#.utf8), format: "k8s.audit").isEmpty)
        let fewer = try RuleSet.compile(Array(files.dropLast()), sources: Rules.sources).set
        #expect(fewer.hash != set.hash)
    }
}
