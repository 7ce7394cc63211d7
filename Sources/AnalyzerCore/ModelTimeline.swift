package import Primitives
internal import ProtobufC

/// Which models judge which entries, as the log's ModelRecords say.
///
/// A change counts from the entry after its record. The model in force for an event is the last one promoted before it; the
/// one of before then rests, unless it is shadowed again. Shadowed models judge the same events, for comparison only.
package struct ModelTimeline: Equatable, Sendable {
    /// Changes that are remembered; more are ignored, and counted as such by whoever reads records.
    package static let changeCountMax = 1024
    /// Models that judge one event.
    package static let judgeCountMax = 4

    package enum Action: String, Sendable, CaseIterable {
        case registered, shadowed, promoted, retired
    }

    package struct Change: Equatable, Sendable {
        /// Of the record's entry.
        package let index: UInt64
        package let model: Digest
        package let action: Action

        package init(index: UInt64, model: Digest, action: Action) {
            self.index = index
            self.model = model
            self.action = action
        }

        var serialized: [UInt8] {
            var writer = ProtoWriter()
            writer.varint(1, self.index)
            writer.bytes(2, self.model.bytes)
            writer.text(3, self.action.rawValue)
            return writer.bytes
        }

        /// - Returns: `nil` when the bytes in `range` are no change.
        /// - Throws: ``IndelibleError/Code/invalidArgument`` when they are no message.
        init?(_ bytes: Span<UInt8>, in range: Range<Int>) throws(IndelibleError) {
            var index: UInt64 = 0
            var model: Digest?
            var action: Action?
            var fields = ProtoScanner(range)
            while let field = try fields.next(in: bytes) {
                switch (field.number, field.value) {
                case (1, .varint(let value)): index = value
                case (2, .bytes(let part)): model = Digest(part.map { bytes[$0] })
                case (3, .bytes(let part)):
                    action = Action(rawValue: String(decoding: part.map { bytes[$0] }, as: UTF8.self))
                default: return nil
                }
            }
            guard let model, let action else { return nil }
            self.init(index: index, model: model, action: action)
        }
    }

    /// Who judges an event.
    package struct Judges: Equatable, Sendable {
        /// `nil` before the first promotion: the analyzers' own.
        package var inForce: Digest?
        /// In the order in which they were shadowed, at most ``ModelTimeline/judgeCountMax`` less one.
        package var shadows: [Digest] = []

        package init(inForce: Digest? = nil, shadows: [Digest] = []) {
            self.inForce = inForce
            self.shadows = shadows
        }
    }

    /// In the order of the log.
    package private(set) var changes: [Change] = []

    package init() {}

    /// Takes in a change; one that is known, or older than a known one, is left alone.
    ///
    /// - Returns: whether it is new.
    @discardableResult package mutating func note(_ change: Change) -> Bool {
        guard self.changes.count < Self.changeCountMax,
            change.index > self.changes.last?.index ?? 0
                || self.changes.isEmpty
        else { return false }
        self.changes.append(change)
        return true
    }

    /// Takes the longer of two views of one log.
    package mutating func merge(_ other: ModelTimeline) {
        if other.changes.count > self.changes.count { self = other }
    }

    /// The judges of the event at `index`.
    package func judges(of index: UInt64) -> Judges {
        var judges = Judges()
        for change in self.changes {
            guard change.index < index else { break }
            switch change.action {
            case .registered: break
            case .shadowed:
                guard judges.inForce != change.model, !judges.shadows.contains(change.model),
                    judges.shadows.count < Self.judgeCountMax - 1
                else { break }
                judges.shadows.append(change.model)
            case .promoted:
                judges.shadows.removeAll { $0 == change.model }
                judges.inForce = change.model
            case .retired: judges.shadows.removeAll { $0 == change.model }
            }
        }
        return judges
    }

    /// The first entry from `index` on whose judges differ from those of `index`; `nil` when none is known.
    package func nextChange(after index: UInt64) -> UInt64? {
        self.changes.first { $0.index >= index }.map { $0.index + 1 }
    }
}
