internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// What became of submitted events, one answer for all.
package struct SubmitResponse: Equatable, ProtoMessage {
    package var accepted: UInt32
    package var rejected: [RejectedEvent]
    /// In the ledger; `false` when safe in the spool.
    package var durable: Bool
    /// When durable: index of the first event.
    package var firstIndex: UInt64
    package var lastIndex: UInt64
    /// Of the accepted: already in the log.
    package var duplicates: UInt32

    package init(
        accepted: UInt32 = 0,
        rejected: [RejectedEvent] = [],
        durable: Bool = false,
        firstIndex: UInt64 = 0,
        lastIndex: UInt64 = 0,
        duplicates: UInt32 = 0,
    ) {
        self.accepted = accepted
        self.rejected = rejected
        self.durable = durable
        self.firstIndex = firstIndex
        self.lastIndex = lastIndex
        self.duplicates = duplicates
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__submit_response__init, Self.init(generated:))

    /// As many reasons as there can be events.
    package static var limits: ProtoLimits { ProtoLimits(fieldCountMax: 131_072, arenaByteCountMax: 16 << 20) }

    @unsafe private init(generated: Indelible__V1__SubmitResponse) throws(IndelibleError) {
        unsafe self.init(
            accepted: generated.accepted,
            rejected: try RejectedEvent.all(generated.rejected, count: generated.n_rejected),
            durable: generated.durable != 0,
            firstIndex: generated.first_index,
            lastIndex: generated.last_index,
            duplicates: generated.duplicates,
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.varint(1, UInt64(self.accepted))
        writer.messages(2, self.rejected)
        writer.varint(3, self.durable ? 1 : 0)
        writer.varint(4, self.firstIndex)
        writer.varint(5, self.lastIndex)
        writer.varint(6, UInt64(self.duplicates))
    }
}
