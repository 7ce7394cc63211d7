import ArgumentParser
import AuditModel
import IndelibleClient
import Platform
import Primitives
import TransparencyLog
import VerifierCore

/// Whose seals and model records count when what entries say is looked at.
struct AuditOptions: ParsableArguments {
    @Option(
        name: .customLong("collector"),
        help: "Verifier key of a collector whose seals count, or a file that holds it. Can be repeated.",
    )
    var collectors: [String] = []

    @Option(help: "The operator's root key, whose key and model records are believed, or a file that holds it.")
    var `operator`: String?

    init() {}

    /// - Parameter endpoints: has the keys of a suite, for those that were not given; `nil` when there is none.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` for a key that is none.
    func audit(default endpoints: Endpoints?) throws(IndelibleError) -> EntryAudit {
        try EntryAudit(collectors: self.collectors, root: self.operator, default: endpoints)
    }
}

extension EntryAudit {
    /// - Parameters:
    ///   - collectors: verifier keys, or files that hold them.
    ///   - root: the operator's key, or a file that holds it.
    ///   - endpoints: has the keys of a suite, for those that were not given; `nil` when there is none.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` for a key that is none.
    init(collectors: [String] = [], root: String? = nil, default endpoints: Endpoints?) throws(IndelibleError) {
        var keys: [CollectorKey] = []
        for name in collectors.isEmpty ? endpoints?.collectorVKeys ?? [] : collectors {
            let key = try VerifierKey(argument: name)
            keys.append(try CollectorKey(name: key.name, publicKey: key.publicKey))
        }
        // A suite of an earlier release does not say which collectors it has: nobody is a stranger there.
        let known = endpoints?.collectorVKeys.isEmpty == false ? endpoints?.operatorVKey : nil
        let root = try (root ?? known).map { (name) throws(IndelibleError) in try VerifierKey(argument: name) }
        self.init(
            seals: SealChecker(collectors: keys, operatorKey: root?.publicKey),
            verdicts: VerdictChecker(operatorKey: root?.publicKey),
            now: SystemClock.wallNanoseconds,
        )
    }
}
