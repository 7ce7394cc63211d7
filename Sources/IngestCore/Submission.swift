package import AuditModel
package import Primitives
package import ServiceProtocol

/// One caller's events on their way into a batch: checked, in the bytes that were received.
package struct Submission: Sendable {
    package let producer: Producer
    package let kind: EntryKind
    /// What the items' ranges are positions in.
    package let bytes: [UInt8]
    /// The bodies that were accepted, in order.
    package private(set) var items: [SubmissionItem]
    package let rejected: [RejectedEvent]

    /// Bytes that the request to the ledger may get: a seal and the frame's header still fit the frame of 8 MiB.
    package static let requestByteCountMax = 8_000_000
    /// Bytes that blind, stamp, tags and numbers add to each event at most, for a collector's name of usual length.
    private static let overheadByteCountMax = 128

    /// Bytes that its items take in a request at most.
    package var byteCountMax: Int { self.bytes.count + self.items.count * Self.overheadByteCountMax }

    /// Checks events that the collector itself made of records.
    ///
    /// One bad event does not keep out the others: it is listed with its reason, and its number stays unused.
    ///
    /// - Parameters:
    ///   - producer: numbers the events.
    ///   - events: serialised, with rising numbers; at most as many as a batch may have, and together with
    ///     128 bytes for each at most ``requestByteCountMax``.
    package init(producer: Producer, events: [(sequence: UInt64, body: [UInt8])]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(events.reduce(0) { $0 + $1.body.count })
        var ranges: [Range<Int>] = []
        for event in events {
            ranges.append(bytes.count..<bytes.count + event.body.count)
            bytes += event.body
        }
        var items: [SubmissionItem] = []
        var rejected: [RejectedEvent] = []
        items.reserveCapacity(events.count)
        for (position, event) in events.enumerated() {
            do throws(IndelibleError) {
                let body = ranges[position]
                items.append(try SubmissionItem(bytes.span, body, kind: .event, sequence: event.sequence))
            } catch {
                rejected.append(RejectedEvent(position: UInt32(position), reason: error.message))
            }
        }
        self.producer = producer
        self.kind = .event
        self.bytes = bytes
        self.items = items
        self.rejected = rejected
    }

    /// Adds `offset` to the number of each item.
    package mutating func renumber(by offset: UInt64) {
        for position in self.items.indices { self.items[position].sequence += offset }
    }

    /// Reads and checks a SubmitRequest.
    ///
    /// One bad event does not keep out the others: it is listed with its reason, and its sequence number stays unused.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when the request as a whole is malformed.
    package init(_ payload: [UInt8]) throws(IndelibleError) {
        var view = SubmitRequestView()
        try view.read(payload.span)
        guard payload.count + view.events.count * Self.overheadByteCountMax <= Self.requestByteCountMax else {
            throw IndelibleError(
                .invalidArgument,
                "\(payload.count) bytes of events are too many for one batch. Send them in several calls.",
            )
        }
        var items: [SubmissionItem] = []
        var rejected: [RejectedEvent] = []
        items.reserveCapacity(view.events.count)
        for (position, body) in view.events.enumerated() {
            let sequence = view.firstSequence + UInt64(position)
            do throws(IndelibleError) {
                items.append(try SubmissionItem(payload.span, body, kind: view.kind, sequence: sequence))
            } catch {
                rejected.append(RejectedEvent(position: UInt32(position), reason: error.message))
            }
        }
        self.producer = Producer(id: Array(payload[view.producerID]), epoch: view.epoch)
        self.kind = view.kind
        self.bytes = payload
        self.items = items
        self.rejected = rejected
    }
}
