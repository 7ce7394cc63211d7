import JSONText

/// A verifier that follows no ledger: a witness for the log whose key is made beside it.
struct TestWitness: Sendable {
    let program: Program
    /// The ledger's flags for its own key and this witness.
    let ledgerFlags: [String]
    /// `host:port`.
    let address: String

    /// Makes the log's key and the witness's, and starts the witness.
    static func start(in directory: TestDirectory) async throws -> TestWitness {
        let key = try await Program.indelible(
            "keys",
            "create",
            TestLedger.origin,
            "--out",
            directory.path("log.key"),
            "--json",
            in: directory,
        )
        let witnessKey = try await Program.indelible(
            "keys",
            "create",
            "witness.example/w",
            "--purpose",
            "witness",
            "--out",
            directory.path("witness.key"),
            "--json",
            in: directory,
        )
        guard let vkey = try key.json["vkey"]?.string, let witnessVKey = try witnessKey.json["vkey"]?.string else {
            throw Unexpected("no vkey: \(key) \(witnessKey)")
        }
        let (program, address) = try await Self.launch(in: directory, log: vkey, listen: "127.0.0.1:0")
        return TestWitness(
            program: program,
            ledgerFlags: ["--key", directory.path("log.key"), "--witness", "\(witnessVKey)=http://\(address)"],
            address: address,
        )
    }

    /// Starts it once more where it was.
    func restart(in directory: TestDirectory, log vkey: String) async throws -> Program {
        try await Self.launch(in: directory, log: vkey, listen: self.address).program
    }

    private static func launch(
        in directory: TestDirectory,
        log vkey: String,
        listen: String,
    ) async throws -> (program: Program, address: String) {
        let file = "witness-ready.json"
        if directory.read(file) != nil { try directory.remove(file) }
        let program = try Program(
            Program.ours("indelible-verifier"),
            [
                "--data", directory.path("witness"), "--key", directory.path("witness.key"), "--log", vkey,
                "--http", listen, "--ready-file", directory.path(file),
            ],
            in: directory,
        )
        guard let address = try await program.ready(file)["http"]?.string else {
            throw Unexpected("the verifier does not say where it listens")
        }
        return (program, address)
    }
}
