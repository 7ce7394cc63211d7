import AuditModel
import Cryptography
package import EventFormats
package import IndelibleClient
import IngestCore
package import Masking
import Primitives
import ProtobufC
import ServiceKit
import ServiceProtocol

/// The one way in for records of every protocol but our own: numbers them, makes them safe, and says what became of each.
package struct Intake: Sendable {
    /// Events of one submission.
    private static let submissionCountMax = 4096
    /// Bytes of one submission.
    private static let submissionByteCountMax = 4 << 20

    private let collector: Collector
    private let masker: Masker?
    private let keys: KeyDesk
    private let rejects: RejectFile
    private let ledger: LedgerClient

    /// - Parameters:
    ///   - masker: masks each record before anything else reads it; `nil` leaves records as they are.
    ///   - ledger: keeps records that do not fit their entries.
    package init(
        collector: Collector,
        masker: Masker?,
        keys: KeyDesk,
        rejects: RejectFile,
        ledger: LedgerClient,
    ) {
        self.collector = collector
        self.masker = masker
        self.keys = keys
        self.rejects = rejects
        self.ledger = ledger
    }

    /// What makes events of records, for every adapter: with this collector's masker, and within `limits`.
    package func normalizer(
        format: SourceFormat? = nil,
        source: String? = nil,
        _ limits: CollectionLimits,
    ) -> EventNormalizer {
        var normalizer = EventNormalizer(format: format, source: source, masker: self.masker)
        normalizer.options = limits.recordOptions
        return normalizer
    }

    /// An event with its number and place.
    private struct Numbered {
        let position: Int
        let sequence: UInt64
        let id: EventID
        let body: [UInt8]
    }

    /// Takes in what can be taken; returns when all of that is safe.
    ///
    /// - Parameters:
    ///   - items: at least one.
    ///   - adapter: the protocol, for metrics and for the file of refusals.
    /// - Returns: what became of each item, in order.
    /// - Throws: ``IndelibleError``: not everything is safe; with a key the request can be repeated without harm.
    ///   ``IndelibleError/Code/aborted`` when the same request is being taken in already,
    ///   ``IndelibleError/Code/alreadyExists`` when its key stands for another one.
    package func take(
        _ items: [IntakeItem],
        adapter: String,
        key: IntakeKey = .none,
    ) async throws -> [IntakeResult] {
        var results = [IntakeResult?](repeating: nil, count: items.count)
        var events: [(position: Int, id: EventID, body: [UInt8])] = []
        var refused: [RejectFile.Reject] = []
        for (position, item) in items.enumerated() {
            switch item {
            case .event(let event):
                guard let id = event.event.id else { preconditionFailure("a normalised event has an id") }
                events.append((position, id, try await self.seal(event)))
            case .refused(let reason, let record):
                results[position] = .refused(reason: reason)
                let kept = try self.masker?.mask(record).bytes ?? record
                refused.append(.init(adapter: adapter, reason: reason, record: kept))
            }
        }
        self.collector.metrics.rejected.add(UInt64(refused.count))
        await self.rejects.add(refused)
        switch key {
        case .none:
            let numbered = events.map { Numbered(position: $0.position, sequence: 0, id: $0.id, body: $0.body) }
            try await self.send(numbered, by: self.collector.plainProducer, &results, adapter)
        case .request(let key, let content):
            let claim = KeyDesk.Claim(key: key, content: content, count: items.count)
            try await self.send(events, claim, &results, adapter)
        case .records(let keys):
            let claims = keys.map { KeyDesk.Claim(key: $0, content: $0, count: 1) }
            try await self.send(events, each: claims, &results, adapter)
        }
        return results.map { $0 ?? .refused(reason: "it was lost; report this") }
    }

    /// The serialised event.
    ///
    /// The event was made of what the masker left of its record. A record that does not fit is kept beside the log first.
    private func seal(_ event: NormalizedEvent) async throws -> [UInt8] {
        var event = event
        if let detached = event.detached {
            let salt = try SecureRandom.bytes(DetachedPayload.saltByteCount)
            try event.detach(salt: salt)
            if let commitment = event.event.detachedRaw {
                _ = try await self.ledger.putPayload(detached, salt: salt, commitment: commitment)
            }
        }
        return event.event.serialized
    }

    private static func number(
        _ event: (position: Int, id: EventID, body: [UInt8]),
        _ numbers: KeyDesk.Numbers,
    ) -> Numbered {
        Numbered(
            position: event.position,
            sequence: numbers.firstSequence + UInt64(event.position),
            id: event.id,
            body: event.body,
        )
    }

    /// A request with a key of its own.
    private func send(
        _ events: [(position: Int, id: EventID, body: [UInt8])],
        _ claim: KeyDesk.Claim,
        _ results: inout [IntakeResult?],
        _ adapter: String,
    ) async throws {
        switch try await self.keys.claim([claim]).first {
        case .numbers(let numbers)?:
            do {
                try await self.send(events.map { Self.number($0, numbers) }, by: numbers.producer, &results, adapter)
            } catch {
                await self.keys.finish(claim, nil)
                throw error
            }
            await self.keys.finish(claim, Self.state(events.map { results[$0.position] }))
        case .known(let assignment)?:
            for (offset, event) in events.enumerated() {
                results[event.position] = .taken(id: event.id, index: assignment.index(offset), isRepeat: true)
            }
        case .conflict?:
            throw IndelibleError(.alreadyExists, "This Idempotency-Key came with another body before. Use a new key.")
        case .busy?, nil: throw Self.isBusy
        }
    }

    /// Records that have a key each.
    private func send(
        _ events: [(position: Int, id: EventID, body: [UInt8])],
        each claims: [KeyDesk.Claim],
        _ results: inout [IntakeResult?],
        _ adapter: String,
    ) async throws {
        // A record that stands twice in one request is one.
        var first: [Digest: Int] = [:]
        var unique: [(position: Int, id: EventID, body: [UInt8])] = []
        for event in events where first[claims[event.position].key] == nil {
            first[claims[event.position].key] = event.position
            unique.append(event)
        }
        let answers = try await self.keys.claim(unique.map { claims[$0.position] })
        var groups: [Producer: [Numbered]] = [:]
        var isBusy = false
        for (event, answer) in zip(unique, answers) {
            switch answer {
            case .numbers(let numbers):
                groups[numbers.producer, default: []].append(
                    Numbered(position: event.position, sequence: numbers.firstSequence, id: event.id, body: event.body)
                )
            case .known(let assignment):
                results[event.position] = .taken(id: event.id, index: assignment.index(0), isRepeat: true)
            case .busy, .conflict: isBusy = true
            }
        }
        var failure: (any Error)?
        for (producer, events) in groups {
            do {
                let sorted = events.sorted { $0.sequence < $1.sequence }
                try await self.send(sorted, by: producer, &results, adapter)
                for event in events {
                    await self.keys.finish(claims[event.position], Self.state([results[event.position]]))
                }
            } catch {
                failure = error
                for event in events { await self.keys.finish(claims[event.position], nil) }
            }
        }
        if let failure { throw failure }
        guard !isBusy else { throw Self.isBusy }
        for event in events where results[event.position] == nil {
            guard let original = first[claims[event.position].key] else { continue }
            results[event.position] = results[original]
        }
    }

    /// Submits numbered events in parts, and notes what became of them.
    private func send(
        _ events: [Numbered],
        by producer: Producer,
        _ results: inout [IntakeResult?],
        _ adapter: String,
    ) async throws {
        var rest = events[...]
        while !rest.isEmpty {
            var byteCount = 0
            let part = rest.prefix(Self.submissionCountMax).prefix { event in
                byteCount += event.body.count
                return byteCount == event.body.count || byteCount <= Self.submissionByteCountMax
            }
            rest = rest.dropFirst(part.count)
            let response = try await self.collector.submit(
                Submission(
                    producer: producer,
                    events: Self.numbers(of: part, isPlain: producer == self.collector.plainProducer),
                )
            )
            await self.note(response, Array(part), &results, adapter)
        }
    }

    /// The collector's own producer counts from 0 in each submission.
    private static func numbers(of part: ArraySlice<Numbered>, isPlain: Bool) -> [(sequence: UInt64, body: [UInt8])] {
        part.enumerated().map { (isPlain ? UInt64($0.offset) : $0.element.sequence, $0.element.body) }
    }

    private func note(
        _ response: SubmitResponse,
        _ events: [Numbered],
        _ results: inout [IntakeResult?],
        _ adapter: String,
    ) async {
        var refused: [RejectFile.Reject] = []
        for rejected in response.rejected {
            let event = events[Int(rejected.position)]
            results[event.position] = .refused(reason: rejected.reason)
            refused.append(.init(adapter: adapter, reason: rejected.reason, record: event.body))
        }
        await self.rejects.add(refused)
        // Events of one submission are side by side unless some of them were in the log before.
        let isTogether =
            response.durable && response.accepted > 0
            && response.lastIndex &- response.firstIndex == UInt64(response.accepted) - 1
        var offset: UInt64 = 0
        for event in events where results[event.position] == nil {
            results[event.position] = .taken(
                id: event.id,
                index: isTogether ? response.firstIndex + offset : nil,
                isRepeat: response.accepted > 0 && response.duplicates == response.accepted,
            )
            offset += 1
        }
    }

    /// What to remember of a key whose events are all safe.
    private static func state(_ results: [IntakeResult?]) -> KeyAssignment.State {
        var first: UInt64?
        var next: UInt64?
        for result in results {
            guard case .taken(_, let index?, _)? = result, next == nil || index == next else { return .safe }
            first = first ?? index
            next = index + 1
        }
        return first.map { .durable(firstIndex: $0) } ?? .safe
    }

    private static let isBusy = IndelibleError(
        .aborted,
        "The same request is being taken in right now. Repeat it in a second to learn what became of it.",
    )
}

extension KeyAssignment {
    /// Where the log has the event that is `offset` behind the first; `nil` when that is not known.
    fileprivate func index(_ offset: Int) -> UInt64? {
        guard case .durable(let firstIndex) = self.state else { return nil }
        return firstIndex + UInt64(offset)
    }
}
