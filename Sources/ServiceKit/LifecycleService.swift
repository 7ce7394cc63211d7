internal import AuditModel
internal import Cryptography
package import Logging
package import Primitives
internal import Platform
internal import ProtobufC
package import ServiceLifecycle
internal import ServiceProtocol
package import Storage

/// Has a process's start and stop written into the log: once each, and after a crash the next start says so.
///
/// Two entries for each run and none in between, so that an idle suite appends nothing.
package struct LifecycleService: Service {
    /// Brings a record into the log, exactly once; returns when it is safe.
    package typealias Append = @Sendable (_ record: OwnRecord) async throws -> Void

    /// Between attempts to have the start recorded while the way into the log is closed; doubled up to the longest.
    private static let retryFirst = Duration.milliseconds(50)
    private static let retryMax = Duration.seconds(5)
    /// Longest wait for the stop to be recorded; the next start tells it otherwise.
    private static let stopSeconds = Duration.seconds(3)

    private let component: String
    private let detail: String
    private let mark: RunMark
    private let files: any FileSystem
    private let append: Append
    private let logger: Logger

    /// - Parameters:
    ///   - component: `ledger`, `ingest`, `verifier` or `analyzer`.
    ///   - detail: what tells this one from others, such as `slots 0-127`; may be empty.
    ///   - files: the directory that the process owns; it gets a ``RunMark``.
    /// - Throws: what the mark gives reason to.
    package init(
        component: String,
        detail: String = "",
        in files: any FileSystem,
        logger: Logger,
        append: @escaping Append,
    ) throws(IndelibleError) {
        self.component = component
        self.detail = detail
        self.mark = try RunMark(
            beginningIn: files,
            now: SystemClock.wallNanoseconds,
            id: SecureRandom.bytes(RunMark.idByteCount),
        )
        self.files = files
        self.logger = logger
        self.append = append
    }

    /// The service as a list, to be put among others: empty when the operator wants no records, or when the directory takes
    /// no mark, which must not keep a process from serving.
    package static func services(
        _ component: String,
        detail: String = "",
        _ options: ServiceOptions,
        in files: any FileSystem,
        logger: Logger,
        append: @escaping Append,
    ) -> [any Service] {
        guard !options.withoutLifecycleRecords else { return [] }
        do throws(IndelibleError) {
            return [
                try LifecycleService(component: component, detail: detail, in: files, logger: logger, append: append)
            ]
        } catch {
            logger.error("starts and stops are not recorded", metadata: ["error": "\(error)"])
            return []
        }
    }

    package func run() async throws {
        let start = self.record("start", sequence: 1, detail: [self.detail, self.mark.previous.sentence])
        let stop = self.record("stop", sequence: 2, detail: [self.detail])
        let hasStarted = await cancelWhenGracefulShutdown { await self.insist(on: start) }
        // Whoever is cancelled here is not stopping in order.
        do { try await gracefulShutdown() } catch { return }
        let isRecorded = await self.attempt(hasStarted ? [stop] : [start, stop])
        do throws(IndelibleError) {
            try self.mark.end(isRecorded: isRecorded, in: self.files)
        } catch {
            self.logger.warning("the next start will take this stop for a crash", metadata: ["error": "\(error)"])
        }
    }

    /// Tries until it is recorded or the process stops.
    ///
    /// - Returns: whether it is recorded.
    private func insist(on record: OwnRecord) async -> Bool {
        var hasComplained = false
        var pause = Self.retryFirst
        while !Task.isCancelled {
            do {
                try await self.append(record)
                return true
            } catch {
                if !hasComplained {
                    self.logger.info("the start is not in the log yet", metadata: ["reason": "\(error)"])
                }
                hasComplained = true
            }
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, Self.retryMax)
        }
        return false
    }

    /// Tries once, for a short time.
    private func attempt(_ records: [OwnRecord]) async -> Bool {
        await withTaskGroup(of: Bool.self) { [append] group in
            group.addTask {
                do {
                    for record in records { try await append(record) }
                    return true
                } catch {
                    return false
                }
            }
            group.addTask {
                try? await Task.sleep(for: Self.stopSeconds)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
    }

    private func record(_ change: String, sequence: UInt64, detail: [String]) -> OwnRecord {
        let body = LifecycleRecord(
            component: self.component,
            change: change,
            software: Software.name(self.component),
            detail: detail.filter { !$0.isEmpty }.joined(separator: "; "),
        )
        return OwnRecord(
            producer: Producer(id: self.mark.id, epoch: self.mark.began),
            sequence: sequence,
            kind: .lifecycle,
            body: body.serialized,
        )
    }
}

extension RunMark.Previous {
    /// What the next start says of a run; empty when there is nothing to say.
    fileprivate var sentence: String {
        switch self {
        case .none, .recorded: ""
        case .stopped(let began): "the run since \(TimeText.rfc3339(nanoseconds: began)) stopped in order, unrecorded"
        case .unfinished(let began): "the run since \(TimeText.rfc3339(nanoseconds: began)) did not stop in order"
        }
    }
}
