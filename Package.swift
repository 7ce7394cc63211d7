// swift-tools-version:6.2
import PackageDescription

/// One list for every Swift target: a warning, or unsafe code without a mark, is an error.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// C is optimised in every configuration: the hash kernels are measured, and debug tests hash gigabytes.
let fastC: [CSetting] = [.unsafeFlags(["-O2", "-Wall", "-Wextra", "-Werror"])]

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioTLS: [Target.Dependency] = [
    .product(name: "NIOSSL", package: "swift-nio-ssl"),
    .product(name: "NIOTLS", package: "swift-nio"),
]
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: [Target.Dependency] = [
    .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
    .product(name: "UnixSignals", package: "swift-service-lifecycle"),
]

let package = Package(
    name: "indelible",
    products: [
        .executable(name: "indelible", targets: ["IndelibleMain"]),
        .executable(name: "indelible-analyzer", targets: ["AnalyzerMain"]),
        .executable(name: "indelible-ingest", targets: ["IngestMain"]),
        .executable(name: "indelible-ledger", targets: ["LedgerMain"]),
        .executable(name: "indelible-verifier", targets: ["VerifierMain"]),
        .library(name: "IndelibleClient", targets: ["IndelibleClient"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log.git", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio.git", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", exact: "2.37.6"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", exact: "2.13.0"),
    ],
    targets: [
        // Layer 0: C.
        .systemLibrary(name: "COpenSSL", pkgConfig: "libssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CProtobufC", pkgConfig: "libprotobuf-c", providers: [.apt(["libprotobuf-c-dev"])]),
        .systemLibrary(name: "CYaml", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CIndelibleProto", dependencies: ["CProtobufC"]),
        .target(name: "CHashing", cSettings: fastC),
        .target(name: "CTimestamp", dependencies: ["COpenSSL"], cSettings: fastC),
        .target(name: "CTreeKernels", cSettings: fastC),
        .target(name: "CPlatform", dependencies: ["COpenSSL"], cSettings: fastC),
        // Layer 1: values and crypto.
        .target(name: "Primitives", swiftSettings: strict),
        .target(
            name: "Cryptography",
            dependencies: ["CHashing", "COpenSSL", "CPlatform", "Primitives"],
            swiftSettings: strict,
        ),
        .target(
            name: "ProtobufC",
            dependencies: ["CIndelibleProto", "CProtobufC", "Primitives"],
            swiftSettings: strict,
        ),
        // Layer 2: pure.
        .target(name: "JSONText", dependencies: ["Primitives"], swiftSettings: strict),
        .target(name: "MerkleTree", dependencies: ["Cryptography", "Primitives"], swiftSettings: strict),
        .target(
            name: "TransparencyLog",
            dependencies: ["Cryptography", "MerkleTree", "Primitives"],
            swiftSettings: strict,
        ),
        .target(
            name: "AuditModel",
            dependencies: [
                "CIndelibleProto", "CProtobufC", "Cryptography", "JSONText", "MerkleTree", "Primitives", "ProtobufC",
            ],
            swiftSettings: strict,
        ),
        .target(
            name: "Masking",
            dependencies: ["AuditModel", "Cryptography", "JSONText", "Primitives", "ProtobufC"],
            swiftSettings: strict,
        ),
        .target(
            name: "EventFormats",
            dependencies: [
                "AuditModel", "CIndelibleProto", "CProtobufC", "CZlib", "Cryptography", "JSONText", "Masking",
                "Primitives", "ProtobufC",
            ],
            swiftSettings: strict,
        ),
        .target(
            name: "BoostedTrees",
            dependencies: [
                "CIndelibleProto", "CTreeKernels", "Cryptography", "JSONText", "Primitives", "ProtobufC",
            ],
            swiftSettings: strict,
        ),
        .target(
            name: "SigmaRules",
            dependencies: ["CYaml", "Cryptography", "JSONText", "Primitives", "ProtobufC"],
            swiftSettings: strict,
        ),
        .target(
            name: "Wire",
            dependencies: ["CIndelibleProto", "CProtobufC", "Primitives", "ProtobufC"],
            swiftSettings: strict,
        ),
        .target(
            name: "ServiceProtocol",
            dependencies: [
                "AuditModel", "CIndelibleProto", "CProtobufC", "MerkleTree", "Primitives", "ProtobufC", "Wire",
            ],
            swiftSettings: strict,
        ),
        .target(name: "Storage", dependencies: ["Primitives"], swiftSettings: strict),
        // Layer 3: decide.
        .target(
            name: "LedgerCore",
            dependencies: [
                "AuditModel", "CHashing", "Cryptography", "MerkleTree", "Primitives", "ServiceProtocol", "Storage",
                "TransparencyLog",
            ],
            swiftSettings: strict,
        ),
        .target(
            name: "IngestCore",
            dependencies: [
                "AuditModel", "Cryptography", "JSONText", "MerkleTree", "Primitives", "ProtobufC", "ServiceProtocol",
                "Storage", "Wire",
            ],
            swiftSettings: strict,
        ),
        .target(
            name: "VerifierCore",
            dependencies: [
                "AuditModel", "CTimestamp", "Cryptography", "MerkleTree", "Primitives", "ProtobufC", "Storage",
                "TransparencyLog",
            ],
            swiftSettings: strict,
        ),
        .target(
            name: "AnalyzerCore",
            dependencies: [
                "AuditModel", "BoostedTrees", "Cryptography", "Primitives", "ProtobufC", "SigmaRules",
            ],
            swiftSettings: strict,
        ),
        // Layer 4: act.
        .target(
            name: "Platform",
            dependencies: ["CPlatform", "Cryptography", "Primitives", "Storage"],
            swiftSettings: strict,
        ),
        .target(
            name: "Transport",
            dependencies: ["Primitives", "ServiceProtocol", "Wire", logging, nioHTTP] + nio + nioTLS,
            swiftSettings: strict,
        ),
        .target(
            name: "ServiceKit",
            dependencies: [
                "AuditModel", "Cryptography", "JSONText", "Masking", "Platform", "Primitives", "ProtobufC",
                "ServiceProtocol", "Storage", "TransparencyLog", "Transport", "Wire", arguments, logging, nioHTTP,
            ] + nio + lifecycle,
            swiftSettings: strict,
        ),
        // What customers embed; services that call the ledger use it too.
        .target(
            name: "IndelibleClient",
            dependencies: [
                "AuditModel", "Cryptography", "JSONText", "MerkleTree", "Platform", "Primitives", "ProtobufC",
                "ServiceProtocol", "Storage", "TransparencyLog", "Transport", "Wire", logging,
            ] + nio,
            swiftSettings: strict,
        ),
        .target(
            name: "LedgerService",
            dependencies: [
                "AuditModel", "Cryptography", "LedgerCore", "MerkleTree", "Platform", "Primitives", "ProtobufC",
                "ServiceKit", "ServiceProtocol", "Storage", "TransparencyLog", "Transport", "Wire", arguments, logging,
                nioHTTP,
            ] + nio + lifecycle,
            swiftSettings: strict,
        ),
        .target(
            name: "IngestService",
            dependencies: [
                "AuditModel", "Cryptography", "EventFormats", "IndelibleClient", "IngestCore", "JSONText", "Masking",
                "MerkleTree", "Platform", "Primitives", "ProtobufC", "ServiceKit", "ServiceProtocol", "Storage",
                "TransparencyLog", "Transport", "Wire", arguments, logging, nioHTTP,
            ] + nio + lifecycle,
            swiftSettings: strict,
        ),
        .target(
            name: "VerifierService",
            dependencies: [
                "AuditModel", "Cryptography", "IndelibleClient", "JSONText", "MerkleTree", "Platform", "Primitives",
                "ProtobufC", "ServiceKit", "ServiceProtocol", "Storage", "TransparencyLog", "Transport", "VerifierCore",
                "Wire",
                arguments, logging, nioHTTP,
            ] + nio + lifecycle,
            swiftSettings: strict,
        ),
        .target(
            name: "AnalyzerService",
            dependencies: [
                "AnalyzerCore", "AuditModel", "Cryptography", "JSONText", "Platform", "Primitives", "ProtobufC",
                "ServiceKit",
                "ServiceProtocol", "SigmaRules", "Storage", "TransparencyLog", "Transport", "Wire", arguments, logging,
            ] + nio + lifecycle,
            swiftSettings: strict,
        ),
        // Layer 6: mains.
        .target(
            name: "IndelibleCommand",
            dependencies: [
                "AnalyzerCore", "AuditModel", "BoostedTrees", "Cryptography", "EventFormats", "IndelibleClient",
                "JSONText", "LedgerCore", "Masking", "MerkleTree", "Platform", "Primitives", "ProtobufC", "ServiceKit",
                "ServiceProtocol", "SigmaRules", "Storage", "TransparencyLog", "Transport", "VerifierCore", "Wire",
                arguments, logging, nioHTTP,
            ] + nio,
            swiftSettings: strict,
        ),
        .executableTarget(name: "LedgerMain", dependencies: ["LedgerService"], swiftSettings: strict),
        .executableTarget(name: "IngestMain", dependencies: ["IngestService"], swiftSettings: strict),
        .executableTarget(name: "VerifierMain", dependencies: ["VerifierService"], swiftSettings: strict),
        .executableTarget(name: "AnalyzerMain", dependencies: ["AnalyzerService"], swiftSettings: strict),
        .executableTarget(name: "IndelibleMain", dependencies: ["IndelibleCommand"], swiftSettings: strict),
        // Tests only.
        .target(name: "Simulation", dependencies: ["Primitives", "Storage"], swiftSettings: strict),
    ],
)

/// Every test target may use the simulation and what its own target uses.
let tests: [(target: String, extra: [Target.Dependency])] = [
    ("Primitives", []),
    ("Cryptography", ["CHashing"]),
    ("ProtobufC", ["CIndelibleProto"]),
    ("JSONText", []),
    ("MerkleTree", ["Cryptography", "JSONText"]),
    ("TransparencyLog", ["Cryptography", "JSONText", "MerkleTree"]),
    ("AuditModel", ["CIndelibleProto", "Cryptography", "JSONText", "MerkleTree", "ProtobufC"]),
    ("Masking", ["AuditModel", "Cryptography", "JSONText", "ProtobufC"]),
    ("EventFormats", ["AuditModel", "Cryptography", "JSONText", "Masking", "ProtobufC"]),
    ("BoostedTrees", ["JSONText"]),
    ("Wire", ["CIndelibleProto", "ProtobufC"]),
    ("ServiceProtocol", ["AuditModel", "CIndelibleProto", "MerkleTree", "ProtobufC", "Wire"]),
    ("Storage", ["Platform"]),
    (
        "LedgerCore",
        [
            "AuditModel", "CHashing", "Cryptography", "MerkleTree", "Platform", "ServiceProtocol", "Storage",
            "TransparencyLog",
        ],
    ),
    (
        "IngestCore",
        ["AuditModel", "Cryptography", "JSONText", "MerkleTree", "ServiceProtocol", "Storage", "Wire"],
    ),
    (
        "VerifierCore",
        ["AuditModel", "Cryptography", "LedgerCore", "MerkleTree", "ProtobufC", "Storage", "TransparencyLog"],
    ),
    (
        "VerifierService",
        [
            "AuditModel", "Cryptography", "MerkleTree", "ProtobufC", "ServiceKit", "ServiceProtocol", "Storage",
            "TransparencyLog", "Transport", "VerifierCore", "Wire", logging, nioHTTP,
        ] + nio,
    ),
    ("SigmaRules", ["JSONText"]),
    ("AnalyzerCore", ["AuditModel", "BoostedTrees", "Cryptography", "JSONText", "ProtobufC", "SigmaRules"]),
    ("Transport", ["Cryptography", "ServiceProtocol", "Wire", logging, nioEmbedded, nioHTTP] + nio + nioTLS),
    (
        "ServiceKit",
        [
            "AuditModel", "Cryptography", "JSONText", "Masking", "ServiceProtocol", "Storage", "Wire", logging, nioHTTP,
        ] + nio,
    ),
    (
        "IndelibleCommand",
        [
            "AuditModel", "BoostedTrees", "Cryptography", "EventFormats", "IndelibleClient", "IngestCore", "JSONText",
            "MerkleTree", "ProtobufC", "ServiceProtocol", "TransparencyLog", arguments,
        ],
    ),
]
package.targets += tests.map { test in
    .testTarget(
        name: "\(test.target)Tests",
        dependencies: [.init(stringLiteral: test.target), "Simulation"] + test.extra
            + (test.target == "Primitives" ? [] : ["Primitives"]),
        swiftSettings: strict,
    )
}
package.targets += [
    // Real processes, real sockets, foreign tools.
    .testTarget(
        name: "SystemTests",
        dependencies: [
            "AnalyzerCore", "AuditModel", "Cryptography", "IndelibleClient", "IndelibleMain", "JSONText",
            "AnalyzerMain", "IngestMain",
            "LedgerCore", "LedgerMain", "MerkleTree", "Platform", "Primitives", "ProtobufC", "ServiceKit",
            "ServiceProtocol", "SigmaRules", "Simulation", "Storage", "TransparencyLog", "Transport", "VerifierCore",
            "VerifierMain", "Wire", logging, nioHTTP,
        ] + nio,
        swiftSettings: strict,
    ),
    .testTarget(name: "TidyTests", swiftSettings: strict),
]
// Fuzz targets, which need flags that nothing else may have: `make fuzz`.
if Context.environment["INDELIBLE_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                "AuditModel", "BoostedTrees", "EventFormats", "IngestCore", "JSONText", "Masking", "Primitives",
                "ProtobufC", "ServiceProtocol", "TransparencyLog", "Wire",
            ],
            path: "Fuzz",
            exclude: ["corpus"],
            swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])],
        )
    )
}
