import Primitives
import Testing
import TransparencyLog

/// The worked values of our fact sheet on the C2SP formats: made with an independent implementation, and accepted by Go's
/// `golang.org/x/mod/sumdb` and by `aics-tlog`.
enum WorkedValues {
    static let origin = "log.example/indelible-test"
    static let logSeed = [UInt8](0x00...0x1f)
    static let logKey = "log.example/indelible-test+0f85f9dd+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
    static let logPrivateKey =
        "PRIVATE+KEY+log.example/indelible-test+0f85f9dd+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
    static let witnessSeed = [UInt8](0x20...0x3f)
    static let witnessKey = "witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X"

    static let roots: [UInt64: String] = [
        0: "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        3: "pkvybgkSj2/i/m+LLYyAHhZrV8BHp82bK4Ceepai8cs=",
        7: "kTlgHMHKirKnoMLBNMBIRfKxulSag9bIRc/NpDnMWF0=",
    ]

    static let logLines: [UInt64: String] = [
        0:
            "— log.example/indelible-test D4X53fMuFauhFIlTEhlOuMCIXeptIaVj4REBR2N7GGruOIQSYDaGUwMSHwfa2h13c6Q5gmKw2siso0FCG73o5UUv4wE=\n",
        3:
            "— log.example/indelible-test D4X53TybCij1h1oEPhMTsZioGweh/pL+Z6rPd8Xyzuap4cU+UPDqw1BvAlFgODZBsG4Cusg6bR6UWJbZ6Llj+g7KHAU=\n",
        7:
            "— log.example/indelible-test D4X53VqhsTaTuuTNEUaovhhv5StlIAEnZ8GkPtvXmg9Yf4asNvT+RAcgmqHhbyBcXZZgFwpiNcaO+roGdqzbbsbYVQA=\n",
    ]

    static let witnessLine =
        "— witness.example/w1 IDJKvgAAAABlU/EAE12Yna8FsNjshN0qwfdQBtRu9nycXghD206ZIHF/866CSJG2McIRVgdBZ7iwY2Sicf5Dp0kcvFFCD0/n5kfzDA==\n"
    static let witnessTime: UInt64 = 1_700_000_000

    static let consistency3to7 = [
        "BJ19zbVrz+vTEzBMmDnxlqPUtu873AsIKY+TrIGR8Kg=", "J0ebarMh0u5HdFL2i6UndI6GPK/o+9HfK/idFXDRtpc=",
        "LyelCCwdQq+kiKw1Cp/EOQwIT1T3Hs3/hZ6Y24QptHk=", "5CnFtcyqlSPDcpfxhGdm+QMTfoIZXFGZ5r5XEw0QBsg=",
    ]
    static let inclusion4in7 = [
        "UUFYUnUVBkx7vTW0TJ8Rrdz8OLQ5VU/Juw2LfGYcPo8=", "DP2ldv9LKeozw6/a7tG9Y362VLKKBDAvyrX9fbB4Acw=",
        "JWueiCXl03CkrgBdCQHqKRl34pJ/XPjj5yZg3QlRnts=",
    ]

    static func digest(_ base64: String) throws -> Digest {
        try #require(Base64.decode(base64).flatMap { Digest($0) })
    }

    static func digests(_ base64: [String]) throws -> [Digest] { try base64.map(Self.digest) }

    static func checkpoint(_ size: UInt64) throws -> Checkpoint {
        try Checkpoint(origin: Self.origin, size: size, root: Self.digest(try #require(Self.roots[size])))
    }

    static func note(_ size: UInt64, witnessed: Bool = false) throws -> String {
        "\(Self.origin)\n\(size)\n\(try #require(Self.roots[size]))\n\n\(try #require(Self.logLines[size]))"
            + (witnessed ? Self.witnessLine : "")
    }

    static var signer: NoteSigner {
        get throws { try NoteSigner(name: Self.origin, type: .ed25519, seed: Self.logSeed) }
    }

    static var cosigner: NoteSigner {
        get throws { try NoteSigner(name: "witness.example/w1", type: .cosignature, seed: Self.witnessSeed) }
    }
}
