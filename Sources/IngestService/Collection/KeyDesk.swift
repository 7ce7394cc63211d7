import AuditModel
import Cryptography
package import IngestCore
package import NIOCore
import Platform
package import Primitives
package import ServiceProtocol
package import Storage

/// Gives numbers to the events of requests that carry a key.
///
/// They get numbers that are written down before its events are sent, so that the request repeated
/// gets the same ones, also after a crash, and the ledger takes each event once. Has a thread of its own, as the journal
/// blocks; requests that come together share a sync.
package actor KeyDesk {
    /// A key, and the bytes that came with it.
    package struct Claim: Sendable {
        package let key: Digest
        package let content: Digest
        /// Events under the key.
        package let count: Int

        package init(key: Digest, content: Digest, count: Int) {
            self.key = key
            self.content = content
            self.count = count
        }
    }

    package enum Answer: Sendable, Equatable {
        /// The events are to be sent with these numbers.
        case numbers(Numbers)
        /// They were made safe before.
        case known(KeyAssignment)
        /// Somebody else is sending them right now.
        case busy
        /// The key stands for other bytes.
        case conflict
    }

    package struct Numbers: Sendable, Equatable {
        package let producer: Producer
        package let firstSequence: UInt64
    }

    private struct Waiting {
        let claims: [Claim]
        let continuation: CheckedContinuation<[Answer], any Error>
    }

    /// Claims of one producer: the ledger remembers 1,024 runs of numbers of each, so that all of these can still be told.
    private static let claimsPerProducerMax = 512
    /// Requests that wait for a sync; more are refused.
    private static let waitingCountMax = 4096

    private let collector: String
    private let files: any FileSystem
    private let loop: any EventLoop
    private let clock: @Sendable () -> UInt64
    private var journal: KeyJournal?
    private var waiting: [Waiting] = []
    private var flushIsDue = false
    private var busy: Set<Digest> = []
    private var epoch: UInt64
    private var nextSequence: UInt64 = 1
    private var claimCount = 0

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe self.loop.executor.asUnownedSerialExecutor()
    }

    /// - Parameters:
    ///   - collector: name of the collector's key.
    ///   - epoch: the collector's start: ``CollectorEpoch``.
    ///   - files: the directory of the journal, and of nothing else.
    ///   - loop: of a group that nobody minds being blocked.
    ///   - clock: nanoseconds since the Unix epoch.
    package init(
        collector: String,
        epoch: UInt64,
        files: any FileSystem,
        loop: any EventLoop,
        clock: @escaping @Sendable () -> UInt64 = { SystemClock.wallNanoseconds },
    ) throws(IndelibleError) {
        self.collector = collector
        self.files = files
        self.loop = loop
        self.clock = clock
        self.epoch = epoch
        self.journal = try KeyJournal(in: files)
    }

    /// What each key stands for; those that are answered with numbers are ``busy`` until ``finish(_:_:)``.
    ///
    /// - Throws: ``IndelibleError/Code/resourceExhausted`` when too many wait, or the disk is full;
    ///   ``IndelibleError/Code/unavailable`` when the journal cannot be written.
    package func claim(_ claims: [Claim]) async throws -> [Answer] {
        guard self.waiting.count < Self.waitingCountMax else {
            throw IndelibleError(.resourceExhausted, "Too many requests wait for the disk. Try again a little later.")
        }
        return try await withCheckedThrowingContinuation { continuation in
            self.waiting.append(Waiting(claims: claims, continuation: continuation))
            guard !self.flushIsDue else { return }
            self.flushIsDue = true
            // After the claims that are queued behind this one already, so that they share a sync.
            Task { self.flush() }
        }
    }

    /// Ends what ``claim(_:)`` began.
    ///
    /// - Parameter state: `nil` when it is not known what became of the events.
    package func finish(_ claim: Claim, _ state: KeyAssignment.State?) {
        self.busy.remove(claim.key)
        if let state { self.journal?.note(Self.short(claim.key), state) }
    }

    private func flush() {
        self.flushIsDue = false
        let waiting = self.waiting
        self.waiting = []
        do throws(IndelibleError) {
            if self.journal == nil { self.journal = try KeyJournal(in: self.files) }
        } catch {
            for waiting in waiting { waiting.continuation.resume(throwing: error) }
            return
        }
        var written: [(key: [UInt8], assignment: KeyAssignment)] = []
        var answers: [[Answer]] = []
        do throws(IndelibleError) {
            for waiting in waiting {
                var list: [Answer] = []
                for claim in waiting.claims { list.append(try self.answer(claim, &written)) }
                answers.append(list)
            }
            try self.journal?.write(written)
        } catch {
            for waiting in waiting {
                for claim in waiting.claims { self.busy.remove(claim.key) }
                waiting.continuation.resume(throwing: error)
            }
            // What is on the disk is not known any more: it is read again.
            return self.journal = nil
        }
        for (waiting, answers) in zip(waiting, answers) { waiting.continuation.resume(returning: answers) }
    }

    private func answer(
        _ claim: Claim,
        _ written: inout [(key: [UInt8], assignment: KeyAssignment)],
    ) throws(IndelibleError) -> Answer {
        guard !self.busy.contains(claim.key) else { return .busy }
        let (key, content) = (Self.short(claim.key), Self.short(claim.content))
        guard let known = self.journal?.assignment(of: key) else {
            let numbers = try self.next(claim.count)
            let assignment = KeyAssignment(
                content: content,
                epoch: numbers.producer.epoch,
                firstSequence: numbers.firstSequence,
                count: UInt32(claim.count),
            )
            written.append((key, assignment))
            self.busy.insert(claim.key)
            return .numbers(numbers)
        }
        guard known.content == content, known.count == claim.count else { return .conflict }
        guard known.state == .pending else { return .known(known) }
        self.busy.insert(claim.key)
        let producer = try CollectionProducer.keyed(self.collector, epoch: known.epoch)
        return .numbers(Numbers(producer: producer, firstSequence: known.firstSequence))
    }

    private func next(_ count: Int) throws(IndelibleError) -> Numbers {
        if self.claimCount == Self.claimsPerProducerMax {
            self.epoch = max(self.clock(), self.epoch + 1)
            self.nextSequence = 1
            self.claimCount = 0
        }
        self.claimCount += 1
        defer { self.nextSequence += UInt64(count) }
        let producer = try CollectionProducer.keyed(self.collector, epoch: self.epoch)
        return Numbers(producer: producer, firstSequence: self.nextSequence)
    }

    private static func short(_ digest: Digest) -> [UInt8] { Array(digest.bytes.prefix(16)) }
}
