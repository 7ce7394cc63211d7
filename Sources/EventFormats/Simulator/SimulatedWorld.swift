/// An invented company: who works there and what they work on.
///
/// Every name is made up here.
struct SimulatedWorld: Sendable {
    static let domain = "harbour-lantern.example"
    static let account = "700400300200"
    static let regions = ["eu-central-1", "eu-west-1", "us-east-1"]
    static let personCount = 60

    let actors: [SimulatedActor]
    let buckets: [String]
    let instances: [String]
    let secrets: [String]
    let keys: [String]
    let functions: [String]
    let namespaces = ["shop", "billing", "search", "observability", "kube-system", "ml"]
    let workloads = ["cart", "checkout", "invoices", "catalogue", "gateway", "ranker", "mailer", "ledger-sync"]
    let tables = ["orders", "customers", "refunds", "suppliers", "payroll", "sessions"]

    init(_ generator: inout SeededGenerator) {
        self.actors = Self.people(&generator) + Self.services(&generator)
        self.buckets = ["raw-events", "invoices", "backups", "web-assets", "models", "exports", "payroll", "artifacts"]
            .map { "hl-\($0)" }
        self.instances = (0..<24).map { _ in "i-0\(generator.hex(16))" }
        self.secrets = ["db/orders", "db/customers", "payments/api", "mail/smtp", "signing/release", "sso/client"]
            .map { "prod/\($0)" }
        self.keys = (0..<6).map { _ in generator.uuid() }
        self.functions = ["resize-image", "send-invoice", "rotate-logs", "score-order", "sync-stock"]
    }

    func actors(_ role: SimulatedActor.Role) -> [SimulatedActor] { self.actors.filter { $0.role == role } }

    /// An address that nobody of the company uses.
    static func strangeAddress(_ generator: inout SeededGenerator) -> String {
        "\(generator.pick(["198.51.100", "192.0.2"])).\(generator.number(1...254))"
    }

    private static let givenNames = [
        "ada", "bela", "chidi", "dora", "emre", "fatou", "goran", "hana", "ivo", "jun", "kofi", "lena", "mira", "nils",
        "oona",
        "pavel", "quentin", "rosa", "sami", "tove", "uma", "viktor", "wren", "xenia", "yusuf", "zora",
    ]

    private static let surnames = [
        "abel", "brandt", "costa", "duarte", "engel", "fischer", "grimm", "holt", "ito", "jansen",
    ]

    private static func people(_ generator: inout SeededGenerator) -> [SimulatedActor] {
        let roles: [SimulatedActor.Role] = [
            .engineer, .engineer, .engineer, .analyst, .support, .operator_, .finance, .engineer, .support, .analyst,
        ]
        return (0..<Self.personCount).map { position in
            let given = Self.givenNames[position % Self.givenNames.count]
            let name =
                "\(given).\(Self.surnames[position / 3 % Self.surnames.count])\(position / Self.givenNames.count)"
            let browser = generator.pick([
                "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
            ])
            return SimulatedActor(
                name: name,
                role: roles[position % roles.count],
                addresses: ["203.0.113.\(position + 1)", "10.20.\(position / 16).\(position * 7 % 250 + 1)"],
                userAgent:
                    "aws-cli/2.31.\(generator.number(1...30)) md/awscrt#0.28.2 ua/2.1 os/linux lang/python#3.13.7",
                browser: browser,
                accessKey: "AKIA\(generator.upper(16))",
                principal: "AIDA\(generator.upper(17))",
                startHour: generator.number(6...10),
                taste: generator.below(1 << 16),
            )
        }
    }

    private static func services(_ generator: inout SeededGenerator) -> [SimulatedActor] {
        let services: [(String, SimulatedActor.Role)] = [
            ("ci-deployer", .deployer), ("nightly-backup", .backup), ("etl-orders", .pipeline),
            ("etl-search", .pipeline),
            ("shop-frontend", .website), ("shop-checkout", .website), ("assistant-support", .assistant),
            ("assistant-code", .assistant), ("assistant-finance", .assistant),
        ]
        return services.enumerated().map { position, service in
            SimulatedActor(
                name: service.0,
                role: service.1,
                addresses: ["10.40.\(position).\(generator.number(2...250))"],
                userAgent:
                    "Boto3/1.40.\(generator.number(1...60)) md/Botocore#1.40.0 ua/2.1 os/linux lang/python#3.12.11",
                browser: "harbour-agent/4.\(position)",
                accessKey: "ASIA\(generator.upper(16))",
                principal: "AROA\(generator.upper(17))",
                startHour: 0,
                taste: generator.below(1 << 16),
            )
        }
    }
}
