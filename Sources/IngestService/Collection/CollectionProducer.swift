import Cryptography
package import Primitives
package import ServiceProtocol

/// The producers that stand for senders who do not number their events.
///
/// Each start of a collector has its own, so that the last start's events in a spool and this one's are never in each other's way.
package enum CollectionProducer {
    /// Of events that nobody will send again.
    package static func plain(_ collector: String, epoch: UInt64) throws(IndelibleError) -> Producer {
        try Self.producer(collector, "plain", epoch)
    }

    /// Of events under a key.
    package static func keyed(_ collector: String, epoch: UInt64) throws(IndelibleError) -> Producer {
        try Self.producer(collector, "keyed", epoch)
    }

    private static func producer(
        _ collector: String,
        _ kind: String,
        _ epoch: UInt64,
    ) throws(IndelibleError) -> Producer {
        let digest = try SHA256.hash(Array("indelible/collection/v1\n\(collector)\n\(kind)\n\(epoch)".utf8))
        return Producer(id: Array(digest.bytes.prefix(16)), epoch: epoch)
    }
}
