import TransparencyLog
import Primitives

/// The logs of this process, by origin.
struct LogDirectory: Sendable {
    private let hosts: [LogHost]

    init(_ hosts: [LogHost]) { self.hosts = hosts }

    var all: [LogHost] { self.hosts }

    /// - Parameter origin: as in a request; empty stands for the only log.
    func host(_ origin: String) throws(IndelibleError) -> LogHost {
        if origin.isEmpty, self.hosts.count == 1 { return self.hosts[0] }
        guard let host = self.hosts.first(where: { $0.key.name == origin }) else {
            let names = self.hosts.map(\.key.name).joined(separator: ", ")
            throw IndelibleError(
                .notFound,
                origin.isEmpty
                    ? "This ledger has several logs. Name one in the request's header: \(names)."
                    : "This ledger has no log \(origin). It has \(names).",
            )
        }
        return host
    }
}
