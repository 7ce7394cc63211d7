import AuditModel
import Cryptography
import MerkleTree
package import Primitives
import ProtobufC
package import ServiceProtocol

/// Makes the Appends of one connection: real events under a producer, and when sealed under a key, of its own.
///
/// Blinds and ids are unique but come from a fast generator that can be guessed: nothing here is worth hiding.
package struct LoadGenerator: Sendable {
    /// What every batch of a load has in common.
    package struct Shape: Sendable {
        /// Bytes of each serialised entry.
        package var entryByteCount: Int
        /// Events of a request, 1 to ``ProtocolLimits/eventCountMax``.
        package var batch: Int
        package var acknowledgement: AckLevel
        /// A batch of one event travels without a seal: that is the bare Append.
        var isSealed: Bool { self.batch > 1 }

        package init(entryByteCount: Int, batch: Int, acknowledgement: AckLevel) {
            self.entryByteCount = entryByteCount
            self.batch = batch
            self.acknowledgement = acknowledgement
        }
    }

    /// Room for a seal behind the events.
    private static let sealByteCountExpected = 512

    private let shape: Shape
    private let producer: Producer
    private let collector: CollectorKey
    private let key: Ed25519.SigningKey
    private var template: LoadTemplate
    private var random: SplitMix64
    private var nextSequence: UInt64 = 1
    private var sealSequence: UInt64 = 1
    private var previousSeal: Digest?
    private var leafHashes: [UInt8] = []
    private var scratch: [UInt8] = []

    /// - Parameters:
    ///   - shape: of the batches.
    ///   - seed: 32 random bytes: the seed of the key; the producer's id and all else follow from it.
    ///   - epoch: now, in nanoseconds since the Unix epoch.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when no entry can have the size.
    package init(_ shape: Shape, seed: [UInt8], epoch: UInt64) throws(IndelibleError) {
        self.shape = shape
        self.key = try Ed25519.SigningKey(seed: seed)
        let identity = Array(try SHA256.hash(self.key.publicKey).bytes.prefix(16))
        self.producer = Producer(id: identity, epoch: epoch)
        self.collector = try CollectorKey(name: "load/\(Hex.encode(identity))", publicKey: self.key.publicKey)
        self.template = try Self.template(shape, count: shape.batch, self.producer, self.collector)
        self.random = SplitMix64(seed: identity.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// The next request, ready to send.
    ///
    /// - Parameters:
    ///   - count: events in it, at most the shape's batch; other than the batch only for the last.
    ///   - now: nanoseconds since the Unix epoch, for ids, events and stamps.
    package mutating func next(count: Int, now: UInt64) throws(IndelibleError) -> [UInt8] {
        if count != self.template.items.count {
            self.template = try Self.template(self.shape, count: count, self.producer, self.collector)
        }
        var request: [UInt8] = []
        request.reserveCapacity(
            self.template.bytes.count + (self.shape.isSealed ? Self.sealByteCountExpected : 0)
        )
        request.append(contentsOf: self.template.bytes)
        self.patch(&request, now: now)
        self.nextSequence += UInt64(count)
        if self.shape.isSealed {
            let seal = try self.seal(&request, now: now)
            request.append(contentsOf: seal)
            self.nextSequence += 1
        }
        return request
    }

    private static func template(
        _ shape: Shape,
        count: Int,
        _ producer: Producer,
        _ collector: CollectorKey,
    ) throws(IndelibleError) -> LoadTemplate {
        try LoadTemplate(
            count: count,
            entryByteCount: shape.entryByteCount,
            acknowledgement: shape.acknowledgement,
            producer: producer,
            collector: collector.name,
        )
    }

    /// Makes the events unique.
    ///
    /// A hot loop: the places were checked when the template was made.
    private mutating func patch(_ request: inout [UInt8], now: UInt64) {
        // UUIDv7 (RFC 9562, section 5.7): 48 bits of milliseconds, the version, 12 random bits; the variant, 62 random bits.
        let high = (now / 1_000_000) << 16 | 0x7000
        var random = self.random
        unsafe request.withUnsafeMutableBytes { bytes in
            unsafe bytes.storeBytes(
                of: self.nextSequence.littleEndian,
                toByteOffset: self.template.firstSequence,
                as: UInt64.self,
            )
            for item in self.template.items {
                unsafe bytes.storeBytes(of: random.next(), toByteOffset: item.blind, as: UInt64.self)
                unsafe bytes.storeBytes(of: random.next(), toByteOffset: item.blind + 8, as: UInt64.self)
                unsafe bytes.storeBytes(of: now.littleEndian, toByteOffset: item.received, as: UInt64.self)
                unsafe bytes.storeBytes(of: now.littleEndian, toByteOffset: item.occurred, as: UInt64.self)
                let id = ((high | random.next() & 0xfff).bigEndian, (1 << 63 | random.next() >> 2).bigEndian)
                unsafe bytes.storeBytes(of: id.0, toByteOffset: item.id, as: UInt64.self)
                unsafe bytes.storeBytes(of: id.1, toByteOffset: item.id + 8, as: UInt64.self)
                unsafe bytes.storeBytes(of: id.0, toByteOffset: item.eventID, as: UInt64.self)
                unsafe bytes.storeBytes(of: id.1, toByteOffset: item.eventID + 8, as: UInt64.self)
            }
        }
        self.random = random
    }

    /// The seal over all events of `request`, as the item that follows them: protobuf fields may simply be appended.
    private mutating func seal(_ request: inout [UInt8], now: UInt64) throws(IndelibleError) -> [UInt8] {
        let body = SealBody(
            collector: self.collector.name,
            keyID: self.collector.keyID,
            epoch: self.producer.epoch,
            sequence: self.sealSequence,
            count: UInt32(self.template.items.count),
            root: self.root(of: &request),
            previous: self.previousSeal,
        )
        let seal = try BatchSeal(signing: body, by: self.key)
        self.previousSeal = try seal.bodyHash
        self.sealSequence += 1
        let blind = EventID(
            unixMilliseconds: self.random.next(),
            randomness: (self.random.next(), self.random.next()),
        )
        let stamp = Stamp(collector: self.collector.name, receivedNanoseconds: now)
        let entry = Entry(blind: blind.bytes, stamp: stamp, body: .seal(seal)).serialized
        let noEventID: [UInt8] = []
        var item = AppendRequestBuilder()
        item.append(entry: entry.span, kind: .seal, slot: 0, eventID: noEventID.span)
        return item.bytes
    }

    /// The RFC 6962 root over the events; `request` is as it was on return.
    private mutating func root(of request: inout [UInt8]) -> Digest {
        let count = self.template.items.count
        let byteCount = count * Digest.byteCount
        if self.leafHashes.count != byteCount { self.leafHashes = [UInt8](repeating: 0, count: byteCount) }
        // The byte before an entry is the low byte of its length.
        unsafe HashKernel.best.leafHashesPrefixed(
            base: &request,
            offsets: self.template.entryOffsets,
            lengths: self.template.entryByteCounts,
            count: count,
            out: &self.leafHashes,
        )
        var frontier = Frontier()
        unsafe self.leafHashes.withUnsafeBytes { hashes in
            unsafe frontier.append(leafHashes: hashes, kernel: .best, scratch: &self.scratch) { _, _, _ in }
        }
        return frontier.root()
    }
}
