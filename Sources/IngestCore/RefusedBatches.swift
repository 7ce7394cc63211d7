internal import AuditModel
internal import Cryptography
internal import JSONText
internal import MerkleTree
package import Primitives
internal import ServiceProtocol
package import Storage

/// Batches that callers were promised and that the ledger will never take: kept apart, so that they are neither lost nor in
/// the way of others.
///
/// One file of JSON lines for each: why it was refused, then every item with the exact bytes of its entry. Nothing here is
/// read again by the collector; files are the operator's to look at, to submit anew and to take away. See docs/formats.md,
/// "Refused batches".
package struct RefusedBatches: Sendable {
    package static let suffix = ".jsonl"
    private static let digitCount = 20
    private static let hashDigitCount = 16

    private let files: any FileSystem
    private let limits: RefusedLimits
    package private(set) var count = 0
    package private(set) var byteCount: UInt64 = 0

    /// - Parameter files: rooted at a directory of its own.
    package init(in files: any FileSystem, limits: RefusedLimits = RefusedLimits()) throws(IndelibleError) {
        self.files = files
        self.limits = limits
        try self.recount()
    }

    /// Keeps a batch; it is safe when this returns.
    ///
    /// Keeping the same batch of the same record again changes nothing, so that a crash in between counts it once.
    ///
    /// - Parameters:
    ///   - request: an AppendRequest without a seal.
    ///   - record: its number in the spool.
    ///   - refusal: what the ledger answered.
    ///   - now: nanoseconds since the Unix epoch.
    /// - Throws: ``IndelibleError/Code/resourceExhausted`` when there is no room; ``IndelibleError/Code/invalidArgument`` when
    ///   `request` is malformed.
    package mutating func keep(
        _ request: [UInt8],
        record: UInt64,
        refusal: IndelibleError,
        at now: UInt64,
    ) throws(IndelibleError) {
        let name = try Self.name(request, record: record)
        guard try !self.files.exists(name) else { return }
        let bytes = try Self.lines(request, record: record, refusal: refusal, at: now)
        if !self.hasRoom(for: bytes.count) { try self.recount() }
        guard self.hasRoom(for: bytes.count) else {
            throw IndelibleError(
                .resourceExhausted,
                "\(self.count) batches of \(self.byteCount) bytes that the ledger refused are set aside, and there is no room "
                    + "for more. Look at the folder `refused` and take its files away.",
            )
        }
        try self.files.replaceDurably(name, with: bytes)
        self.count += 1
        self.byteCount += UInt64(bytes.count)
    }

    private func hasRoom(for byteCount: Int) -> Bool {
        self.count < self.limits.fileCountMax && self.byteCount + UInt64(byteCount) <= self.limits.byteCountMax
    }

    /// Sees what an operator took away.
    private mutating func recount() throws(IndelibleError) {
        (self.count, self.byteCount) = (0, 0)
        for name in try self.files.list("") where name.hasSuffix(Self.suffix) {
            let file = try self.files.open(name, .readOnly)
            defer { file.close() }
            self.count += 1
            self.byteCount += try file.size()
        }
    }

    /// A name that sorts like the spool's records and is the same for the same batch.
    private static func name(_ request: [UInt8], record: UInt64) throws(IndelibleError) -> String {
        let digits = String(record)
        let hash = try SHA256.hash(request).hex.prefix(Self.hashDigitCount)
        return String(repeating: "0", count: Self.digitCount - digits.count) + digits + "-\(hash)\(Self.suffix)"
    }

    private static func lines(
        _ request: [UInt8],
        record: UInt64,
        refusal: IndelibleError,
        at now: UInt64,
    ) throws(IndelibleError) -> [UInt8] {
        var view = AppendRequestView()
        try view.read(request.span)
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("refused", TimeText.rfc3339(nanoseconds: now))
            writer.member("code", "\(refusal.code)")
            writer.member("reason", refusal.message)
            writer.member("spool_record", record)
            writer.member("items", view.items.count)
        }
        var lines = writer.bytes + [0x0a]
        for item in view.items {
            let producer = view.producers[Int(item.producer)]
            let entry = Array(request[item.entry])
            var writer = JSONWriter()
            writer.object { writer in
                writer.member("producer", Hex.encode(Array(request[producer.id])))
                writer.member("epoch", producer.epoch)
                writer.member("sequence", item.sequence)
                writer.member("entry_base64", Base64.encode(entry))
                writer.key("entry")
                EntryJSON.write(index: nil, leafHash: LeafHash.hash(entry), entry: entry, to: &writer)
            }
            lines += writer.bytes + [0x0a]
        }
        return lines
    }
}
