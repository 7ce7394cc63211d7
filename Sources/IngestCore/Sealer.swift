package import AuditModel
package import Cryptography
internal import MerkleTree
package import Primitives
internal import ServiceProtocol

/// Seals batches, one after the other: each seal names the one before it.
///
/// A seal counts only once its batch is in the log: until ``appended()``, sealing again takes the same place in the chain.
/// So batches are sealed when they are sent, one at a time, and a batch that the log had in part leaves no hole.
package struct Sealer: Sendable {
    package let collector: CollectorKey
    private let key: Ed25519.SigningKey
    private var producer: Producer
    private var sequence: UInt64 = 1
    private var previous: Digest?
    /// Hash of the body of the seal that was made last.
    private var pending: Digest?

    /// - Parameters:
    ///   - collector: the public side of `key`.
    ///   - key: signs.
    ///   - epoch: the collector's start in nanoseconds since the Unix epoch, larger than that of any start before.
    /// - Throws: ``IndelibleError/Code/internal`` when libcrypto fails.
    package init(collector: CollectorKey, key: Ed25519.SigningKey, epoch: UInt64) throws(IndelibleError) {
        self.collector = collector
        self.key = key
        self.producer = Producer(id: try Self.producerID(of: collector), epoch: epoch)
    }

    package var epoch: UInt64 { self.producer.epoch }
    /// Whether a seal of this epoch is in the log.
    package var hasAppended: Bool { self.sequence > 1 }

    /// Begins another chain of seals: the log takes none of the current epoch any more.
    ///
    /// - Parameter epoch: larger than the one before.
    package mutating func restart(epoch: UInt64) {
        precondition(epoch > self.epoch, "epochs rise")
        self.producer = Producer(id: self.producer.id, epoch: epoch)
        self.sequence = 1
        self.previous = nil
        self.pending = nil
    }

    /// The producer that numbers a collector's seals: the same after each start.
    package static func producerID(of collector: CollectorKey) throws(IndelibleError) -> [UInt8] {
        try SHA256.hash(Array("indelible/collector/v1\n\(collector.name)\n".utf8), collector.publicKey).bytes
    }

    /// Adds a seal over all items of a request.
    ///
    /// - Parameters:
    ///   - request: a serialised AppendRequest without a seal.
    ///   - blind: 16 random bytes for the seal's entry.
    ///   - receivedNanoseconds: for the seal's stamp, since the Unix epoch.
    /// - Returns: the request with its seal as the last item.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when `request` is malformed.
    package mutating func seal(
        _ request: [UInt8],
        blind: [UInt8],
        receivedNanoseconds: UInt64,
    ) throws(IndelibleError) -> [UInt8] {
        var view = AppendRequestView()
        try view.read(request.span)
        let leaves = HashKernel.best.leafHashes(in: request.span, view.items.map(\.entry))
        let body = SealBody(
            collector: self.collector.name,
            keyID: self.collector.keyID,
            epoch: self.producer.epoch,
            sequence: self.sequence,
            count: UInt32(view.items.count),
            root: Frontier.root(of: leaves),
            previous: self.previous,
        )
        let seal = try BatchSeal(signing: body, by: self.key)
        self.pending = try seal.bodyHash
        let stamp = Stamp(collector: self.collector.name, receivedNanoseconds: receivedNanoseconds)
        let entry = Entry(blind: blind, stamp: stamp, body: .seal(seal)).serialized
        let noEventID: [UInt8] = []
        var builder = AppendRequestBuilder(continuing: request, view)
        let position = builder.append(self.producer, firstSequence: self.sequence)
        builder.append(entry: entry.span, kind: .seal, slot: 0, producer: position, eventID: noEventID.span)
        return builder.bytes
    }

    /// The batch that was sealed last is in the log.
    package mutating func appended() {
        guard let pending else { preconditionFailure("a seal is made before it is appended") }
        self.previous = pending
        self.pending = nil
        self.sequence += 1
    }
}
