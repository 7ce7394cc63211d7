internal import AuditModel
internal import Primitives
internal import ProtobufC

/// Checks that every verdict in a log is about the entry that it names, and that no model judges an event twice.
///
/// The verdicts of one model and one slot are a consumer of the log that only goes forward: the sequence number of its
/// batch is the last event's index plus one. So the events of a consumer rise, and one that does not was judged before.
package struct VerdictChecker: Sendable {
    /// Models whose order is followed; verdicts of others are bound to their entries all the same.
    package static let judgeCountMax = 64
    /// Models that the operator has put on record; with more, all are taken for known.
    package static let recordCountMax = 1024
    private static let slotCount = 256

    /// What a verdict can be computed again with.
    private struct Judge: Hashable, Sendable {
        let model: Digest
        let schema: Digest
    }

    /// What stands before the verdicts of a batch.
    private struct Head {
        var model: Digest?
        var schema: Digest?
        var slot: UInt64 = 0
        /// Of verdicts of rules, which no operator puts on record: the same as ``model``.
        var ruleSet: Digest?
        /// Whether it is the first time that this batch is read.
        var isNew = true

        var judge: Judge? { self.model.flatMap { model in self.schema.map { Judge(model: model, schema: $0) } } }
    }

    private struct Claim {
        var event: UInt64 = 0
        var leaf: Digest?
        /// Index + 1 of the actor's event before; 0 for none.
        var actorPrevious: UInt64 = 0
    }

    private let operatorKey: [UInt8]?
    private var records: Set<Judge> = []
    /// The operator's first promotion: entries after it are judged by models on record.
    private var promoted: UInt64?
    /// By slot, one past the last event with a verdict.
    private var progress: [Judge: [UInt64]] = [:]
    /// One past the last batch that was read.
    private var next: UInt64 = 0
    /// Verdicts read.
    package private(set) var seenCount: UInt64 = 0
    /// Verdicts whose leaf hash is that of the entry which they name.
    package private(set) var boundCount: UInt64 = 0

    /// - Parameter operatorKey: The root key, 32 bytes, whose model records are believed; without it any model may judge.
    package init(operatorKey: [UInt8]? = nil) { self.operatorKey = operatorKey }

    /// Looks at a batch of verdicts; all are to be shown, in order.
    ///
    /// - Parameters:
    ///   - entry: What the batch stands in.
    ///   - body: Where it stands.
    ///   - index: Its place in the log.
    ///   - leaves: The hashes of `count` leaves from an index; ``IndelibleError/Code/outOfRange`` for those not at hand.
    /// - Returns: What is wrong with the first verdict that does not hold.
    /// - Throws: What else `leaves` throws.
    mutating func check(
        _ entry: Span<UInt8>,
        _ body: Range<Int>,
        at index: UInt64,
        leaves: (_ from: UInt64, _ count: Int) throws(IndelibleError) -> [Digest],
    ) throws(IndelibleError) -> Finding? {
        guard var head = Self.head(entry, body), let judge = head.judge, head.slot < Self.slotCount,
            head.ruleSet == nil || head.ruleSet == head.model
        else {
            let expected = "verdicts of a model or rule set, a schema and a slot below \(Self.slotCount)"
            return Finding(.verdictInvalid, index: index, expected: expected, found: "bytes that are none")
        }
        head.isNew = index >= self.next
        self.next = max(self.next, index + 1)
        // Out of the table meanwhile, so that it is not copied.
        var reached = self.progress.removeValue(forKey: judge)
        if reached == nil, self.progress.count < Self.judgeCountMax {
            reached = [UInt64](repeating: 0, count: Self.slotCount)
        }
        defer { self.progress[judge] = reached }
        var first: Finding?
        var fields = ProtoScanner(body)
        while let field = try? fields.next(in: entry) {
            guard field.number == 4, let part = field.range else { continue }
            let claim = Self.claim(entry, part)
            var finding = try self.bind(claim, head, at: index, leaves: leaves)
            // What is not about its entry says nothing of the consumer's way.
            if finding == nil { finding = self.order(claim, head, at: index, &reached) }
            first = first ?? finding ?? (head.ruleSet == nil ? self.vouch(claim, judge, at: index) : nil)
        }
        return first
    }

    /// Whether the verdict is about the entry that is there.
    private mutating func bind(
        _ claim: Claim,
        _ head: Head,
        at index: UInt64,
        leaves: (UInt64, Int) throws(IndelibleError) -> [Digest],
    ) throws(IndelibleError) -> Finding? {
        if head.isNew { self.seenCount += 1 }
        guard claim.event < index else {
            return Self.finding(claim, index, expected: "an entry before the verdict", found: "entry \(claim.event)")
        }
        guard claim.actorPrevious <= claim.event else {
            let found = "entry \(claim.actorPrevious - 1) as the actor's event before"
            return Self.finding(claim, index, expected: "an entry before \(claim.event)", found: found)
        }
        let known: Digest?
        do throws(IndelibleError) { known = try leaves(claim.event, 1).first } catch {
            guard error.code == .outOfRange else { throw error }
            return nil
        }
        guard claim.leaf == known else {
            return Self.finding(claim, index, expected: known?.hex, found: claim.leaf?.hex ?? "no leaf hash")
        }
        if head.isNew { self.boundCount += 1 }
        return nil
    }

    /// Whether it is the only verdict of that model about that event.
    private func order(_ claim: Claim, _ head: Head, at index: UInt64, _ reached: inout [UInt64]?) -> Finding? {
        let slot = Int(head.slot)
        guard head.isNew, let next = reached?[slot] else { return nil }
        reached?[slot] = max(next, claim.event + 1)
        guard claim.event < next else { return nil }
        let expected = "one verdict of a model for an event; slot \(slot) was at entry \(next)"
        return Self.finding(claim, index, expected: expected, found: "a verdict about entry \(claim.event) after it")
    }

    /// Whether the operator has put the model on record, where models are put on record at all.
    private func vouch(_ claim: Claim, _ judge: Judge, at index: UInt64) -> Finding? {
        guard let promoted, claim.event > promoted, !self.records.contains(judge),
            self.records.count < Self.recordCountMax
        else { return nil }
        let found = "model \(judge.model.hex) with schema \(judge.schema.hex)"
        return Self.finding(claim, index, expected: "a model that the operator has put on record", found: found)
    }

    /// Takes in a model's record; one that the operator has not signed says nothing.
    ///
    /// - Parameter body: What stands in the entry's field of its kind.
    mutating func learn(_ body: [UInt8], at index: UInt64) {
        guard let operatorKey, let record = try? ModelRecord(serialized: body), record.isSigned(byRoot: operatorKey)
        else { return }
        if self.records.count < Self.recordCountMax {
            self.records.insert(Judge(model: record.modelHash, schema: record.schemaHash))
        }
        if record.action == "promoted" { self.promoted = min(self.promoted ?? index, index) }
    }

    // MARK: Reading

    private static func head(_ entry: Span<UInt8>, _ body: Range<Int>) -> Head? {
        var head = Head()
        var fields = ProtoScanner(body)
        do throws(IndelibleError) {
            while let field = try fields.next(in: entry) {
                switch (field.number, field.value) {
                case (1, .bytes(let part)): head.model = Digest(entry.extracting(part))
                case (2, .bytes(let part)): head.schema = Digest(entry.extracting(part))
                case (3, .varint(let slot)): head.slot = slot
                case (5, .bytes(let part)): head.ruleSet = Digest(entry.extracting(part)) ?? .zero
                default: continue
                }
            }
        } catch { return nil }
        return head
    }

    /// A verdict that cannot be read claims nothing, and so has no leaf hash.
    private static func claim(_ entry: Span<UInt8>, _ part: Range<Int>) -> Claim {
        var claim = Claim()
        var fields = ProtoScanner(part)
        do throws(IndelibleError) {
            while let field = try fields.next(in: entry) {
                switch (field.number, field.value) {
                case (1, .varint(let event)): claim.event = event
                case (2, .bytes(let hash)): claim.leaf = Digest(entry.extracting(hash))
                case (8, .varint(let previous)): claim.actorPrevious = previous
                default: continue
                }
            }
        } catch { return Claim() }
        return claim
    }

    private static func finding(_ claim: Claim, _ index: UInt64, expected: String?, found: String) -> Finding {
        let path = "verdict about entry \(claim.event)"
        return Finding(.verdictInvalid, index: index, path: path, expected: expected, found: found)
    }
}

extension VerdictChecker {
    private static let countWord = "verdicts"
    private static let recordWord = "model"
    private static let judgeWord = "judge"

    /// What must be remembered over a restart: how far it is, a line for each model on record, and for each that judges.
    var remembered: [UInt8] {
        guard self.next > 0 || !self.records.isEmpty else { return [] }
        let promoted = self.promoted.map(String.init) ?? "-"
        var text = "\(Self.countWord) \(self.next) \(self.seenCount) \(self.boundCount) \(promoted)\n"
        for judge in Self.sorted(self.records) { text += "\(Self.recordWord) \(judge.model.hex) \(judge.schema.hex)\n" }
        for judge in Self.sorted(self.progress.keys) {
            let reached = (self.progress[judge] ?? []).map(String.init).joined(separator: ",")
            text += "\(Self.judgeWord) \(judge.model.hex) \(judge.schema.hex) \(reached)\n"
        }
        return Array(text.utf8)
    }

    private static func sorted(_ judges: some Sequence<Judge>) -> [Judge] {
        judges.map { ($0.model.hex + $0.schema.hex, $0) }.sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// - Returns: Whether the line is one of ``remembered``; `nil` when it begins with another word.
    mutating func restore(_ line: String) -> Bool? {
        let fields = line.split(separator: " ").map(String.init)
        switch fields.first {
        case Self.countWord:
            let numbers = fields[1...].prefix(3).compactMap { UInt64($0) }
            guard fields.count == 5, numbers.count == 3, fields[4] == "-" || UInt64(fields[4]) != nil else {
                return false
            }
            (self.next, self.seenCount, self.boundCount) = (numbers[0], numbers[1], numbers[2])
            self.promoted = UInt64(fields[4])
        case Self.recordWord:
            guard fields.count == 3, let judge = Self.judge(fields) else { return false }
            self.records.insert(judge)
        case Self.judgeWord:
            guard fields.count == 4, let judge = Self.judge(fields) else { return false }
            let reached = fields[3].split(separator: ",").compactMap { UInt64($0) }
            guard reached.count == Self.slotCount else { return false }
            self.progress[judge] = reached
        default: return nil
        }
        return true
    }

    private static func judge(_ fields: [String]) -> Judge? {
        guard let model = Hex.decode(fields[1]).flatMap({ Digest($0) }),
            let schema = Hex.decode(fields[2]).flatMap({ Digest($0) })
        else { return nil }
        return Judge(model: model, schema: schema)
    }
}
