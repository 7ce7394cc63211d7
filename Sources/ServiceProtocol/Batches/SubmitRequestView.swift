package import AuditModel
package import Primitives
internal import ProtobufC

/// A SubmitRequest as it lies in the received bytes.
package struct SubmitRequestView: Sendable {
    /// Where the producer's id is in the payload.
    package private(set) var producerID = 0..<0
    package private(set) var epoch: UInt64 = 0
    package private(set) var firstSequence: UInt64 = 0
    package private(set) var kind = EntryKind.event
    /// Where each serialised body is in the payload, 1 to ``ProtocolLimits/eventCountMax``; their contents are not checked.
    package private(set) var events: [Range<Int>] = []

    package init() {}

    /// Reads the payload of a request; what was read before is forgotten.
    ///
    /// - Parameter payload: all ranges are positions in it.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` with the limit when it is malformed or breaks one.
    package mutating func read(_ payload: Span<UInt8>) throws(IndelibleError) {
        self.events.removeAll(keepingCapacity: true)
        (self.producerID, self.epoch, self.firstSequence, self.kind) = (0..<0, 0, 0, .event)
        var fields = ProtoScanner(0..<payload.count)
        while let field = try fields.next(in: payload) {
            switch (field.number, field.value) {
            case (1, .bytes(let id)): self.producerID = id
            case (2, .fixed64(let epoch)): self.epoch = epoch
            case (3, .fixed64(let sequence)): self.firstSequence = sequence
            case (4, .bytes(let event)):
                guard self.events.count < ProtocolLimits.eventCountMax else { throw Self.wrongCount("more than that") }
                self.events.append(event)
            case (5, .varint(let number)): try self.readKind(number)
            default: break
            }
        }
        guard !self.events.isEmpty else { throw Self.wrongCount("none") }
        guard 1...ProtocolLimits.producerIDByteCountMax ~= self.producerID.count else {
            throw IndelibleError(
                .invalidArgument,
                "The producer's id has \(self.producerID.count) bytes. Use 1 to \(ProtocolLimits.producerIDByteCountMax).",
            )
        }
        guard 1...ProtocolLimits.sequenceMax ~= self.firstSequence else {
            throw IndelibleError(
                .invalidArgument,
                "The first event has sequence \(self.firstSequence). Count from 1, up to 2^62.",
            )
        }
    }

    private mutating func readKind(_ number: UInt64) throws(IndelibleError) {
        guard number != 0 else { return }
        guard let kind = EntryKind(number: number) else {
            throw IndelibleError(
                .invalidArgument,
                "\(number) is no kind of entry; kinds are \(EntryKind.range.lowerBound) to \(EntryKind.range.upperBound).",
            )
        }
        self.kind = kind
    }

    private static func wrongCount(_ count: String) -> IndelibleError {
        IndelibleError(
            .invalidArgument,
            "A Submit takes 1 to \(ProtocolLimits.eventCountMax) events; this one has \(count). Send them in several calls.",
        )
    }
}
