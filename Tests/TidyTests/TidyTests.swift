import Testing

/// Goal: the rules of the house that neither compiler nor formatter checks hold in every file.
///
/// Method: search the text.
@Suite struct TidyTests {
    struct Ban: Sendable, CustomTestStringConvertible {
        let pattern: String
        let instead: String
        var folders: [String] = ["Sources"]
        var allowedIn: [String] = []
        /// Also in comments.
        var anywhere = false
        var testDescription: String { self.pattern }
    }

    /// Layer 4 and above: what touches the machine.
    static let acting = [
        "AnalyzerService", "IndelibleClient", "IndelibleCommand", "IngestService", "LedgerService", "Platform",
        "ServiceKit", "Transport", "VerifierService",
    ]

    static let bans = [
        Ban(
            pattern: #"\bDate\(\)|\.now\b|\bclock_gettime\b|\bgettimeofday\b|\b(Continuous|Suspending)Clock\b"#,
            instead: "a time that the caller passes",
            allowedIn: Self.acting,
        ),
        Ban(
            pattern: #"\bSystemRandomNumberGenerator\b|\.random\((in: [^,]*)?\)|\.shuffled\(\)|\.randomElement\(\)"#,
            instead: "a generator that the caller passes",
            allowedIn: Self.acting + ["Cryptography"],
        ),
        Ban(
            pattern: #"@unchecked Sendable|\bnonisolated\(unsafe\)"#,
            instead: "a value, a Mutex or an actor",
            allowedIn: Self.acting + ["BoostedTrees", "Cryptography", "LedgerCore", "ProtobufC", "Simulation"],
        ),
        Ban(
            pattern: #"\bMutex<|\bMutex\("#,
            instead: "a plain value",
            allowedIn: Self.acting + ["LedgerCore", "Simulation"],
        ),
        Ban(pattern: #"(^|[^.\w])(debug)?[pP]rint\("#, instead: "a Logger, or the command's output"),
        Ban(pattern: #"\btry!|\bas!|\bfatalError\("#, instead: "a thrown error, or a precondition with its reason"),
        Ban(
            pattern: #"\b(FIXME|TODO|XXX|HACK)\b"#,
            instead: "the work itself",
            folders: ["Sources", "Tests"],
            anywhere: true,
        ),
        Ban(
            pattern: #"\b(Task|Thread)\.sleep\b|\bu?sleep\("#,
            instead: "a simulated clock, or wait for the event itself",
            folders: ["Tests"],
        ),
        Ban(
            pattern: #"@testable"#,
            instead: "package access, so that tests and executables are built once",
            folders: ["Tests"],
        ),
        Ban(
            pattern: #"#(expect|require)\((true|false)\)|\.disabled\("#,
            instead: "an expectation that can fail",
            folders: ["Tests"],
        ),
    ]

    @Test(arguments: bans)
    func nothingBanned(_ ban: Ban) throws {
        let regex = try Regex(ban.pattern)
        for file in try Repository.files(in: ban.folders, extensions: ["swift"]) {
            guard ban.allowedIn.contains(file.target ?? "") == false, file.target != "TidyTests" else { continue }
            for (number, line) in file.lines.enumerated() where (ban.anywhere ? line : line.code).contains(regex) {
                Issue.record("\(file.path):\(number + 1): use \(ban.instead): \(line)")
            }
        }
    }

    static let lineMax = 400

    @Test func filesAreShort() throws {
        let folders = ["Sources", "Tests", "Benchmarks", "Fuzz", "tools", "proto"]
        for file in try Repository.files(in: folders, extensions: ["swift", "c", "h", "py", "go", "sh", "proto"]) {
            guard file.path.contains(".pb-c.") == false else { continue }
            #expect(file.lines.count <= Self.lineMax + 1, "\(file.path) has \(file.lines.count - 1) lines")
        }
    }

    /// A path that exists on one machine only has no place in the repository.
    @Test func noPathOfOneMachine() throws {
        let folders = ["Sources", "Tests", "tools", "docs", "proto", "Benchmarks", "Fuzz", ".ci"]
        let strangers = ["work", "wt", "root/.pyenv"].map { "/\($0)/" }
        for file in try Repository.files(in: folders) + Repository.rootFiles() where file.target != "TidyTests" {
            for (number, line) in file.lines.enumerated() {
                for path in strangers where line.contains(path) && line.contains("://") == false {
                    Issue.record("\(file.path):\(number + 1): \(path) is a folder of one machine")
                }
            }
        }
    }

    /// A page that points nowhere is worse than none.
    @Test func linksOfThePagesLead() throws {
        let link = /\]\(([^)#\s]+)(?:#[^)]*)?\)/
        for page in try Repository.files(in: ["docs", "tools"], extensions: ["md"]) + Repository.rootFiles() {
            guard page.path.hasSuffix(".md") else { continue }
            let folder = page.path.split(separator: "/").dropLast().joined(separator: "/")
            for (number, line) in page.lines.enumerated() {
                for match in line.matches(of: link) where match.1.contains("://") == false {
                    let there = Repository.exists((folder.isEmpty ? "" : folder + "/") + match.1)
                    #expect(there, "\(page.path):\(number + 1): there is no \(match.1)")
                }
            }
        }
    }
}
