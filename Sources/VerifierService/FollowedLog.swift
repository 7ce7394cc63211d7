import Primitives
import ServiceKit
import TransparencyLog

/// A log that is followed, and where it is read.
struct FollowedLog {
    enum Source {
        case rpc(PeerAddress)
        /// URL prefix of its tiles, without a slash at the end.
        case tiles(String)
    }

    let key: VerifierKey
    /// `nil` for one that is only witnessed.
    let source: Source?

    /// Where it is read, for people.
    var address: String {
        switch self.source {
        case .rpc(.endpoint(let endpoint)): "\(endpoint)"
        case .rpc(.readyFile(let path)): "@\(path)"
        case .tiles(let url): url
        case nil: self.key.name
        }
    }

    init(key: VerifierKey, source: Source?) {
        self.key = key
        self.source = source
    }

    /// A log of a policy.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` for an address that is neither a URL nor `host:port`.
    init(_ log: TrustPolicy.Log) throws(IndelibleError) {
        self.key = log.key
        guard let url = log.url else {
            self.source = nil
            return
        }
        if url.hasPrefix("http://") || url.hasPrefix("https://") {
            self.source = .tiles(url.hasSuffix("/") ? String(url.dropLast()) : url)
        } else if let address = PeerAddress(argument: url) {
            self.source = .rpc(address)
        } else {
            throw IndelibleError(
                .invalidArgument,
                "The policy reads \(log.key.name) at \(url). Write the URL of its tiles, or host:port of its ledger.",
            )
        }
    }
}
