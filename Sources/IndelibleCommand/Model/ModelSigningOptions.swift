import Foundation
import ArgumentParser
import Primitives
import ServiceKit
import TransparencyLog

/// How a word on a model is signed.
struct ModelSigningOptions: ParsableArguments {
    private static let keyName = "operator.key"

    @Option(help: "Key file of the operator's root key; with --data the suite's own.")
    var root: String?

    /// - Throws: ``IndelibleError/Code/invalidArgument`` when there is no such key.
    func signer(_ client: ClientOptions) throws(IndelibleError) -> NoteSigner {
        let suiteKey = client.data.map { SuiteDirectory($0).keysDirectory.appending(path: Self.keyName).path() }
        guard let path = self.root ?? suiteKey else {
            throw IndelibleError(.invalidArgument, "Say which key signs: --root, or --data of the suite.")
        }
        let (files, name) = try HostPath(path).open()
        guard let signer = try KeyFile.load(name, in: files) else {
            throw IndelibleError(
                .invalidArgument,
                "There is no key \(path). Name the operator's root key with --root.",
            )
        }
        return signer
    }
}
