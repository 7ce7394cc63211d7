import Cryptography
import EventFormats
package import Logging
import Platform
import Primitives
package import ServiceKit
import Synchronization

/// Hands messages of syslog senders to the intake, and does not give up.
///
/// The protocol has no answers, so that nobody would send a message again: what is not taken now is tried until it is.
package final class SyslogSink: Sendable {
    private static let retryFirst = Duration.milliseconds(50)
    private static let retryMax = Duration.seconds(2)

    private let intake: Intake
    private let normalizer: EventNormalizer
    private let limits: SyslogLimits
    private let logger: Logger
    /// Messages that were passed over or cut off.
    private let malformed: Metrics.Counter
    private let lost: Metrics.Counter
    private let isStopping = Atomic(false)

    package init(_ intake: Intake, limits: SyslogLimits, metrics: Metrics, logger: Logger) {
        self.intake = intake
        self.normalizer = intake.normalizer(CollectionLimits())
        self.limits = limits
        self.logger = logger
        self.malformed = metrics.counter(
            "indelible_ingest_syslog_malformed_messages_total",
            "Syslog messages that were too long, or cut off by the end of their connection.",
        )
        self.lost = metrics.counter(
            "indelible_ingest_syslog_lost_messages_total",
            "Syslog messages that were received and could not be made safe before the collector stopped.",
        )
    }

    /// What cannot be taken now is not tried again.
    package func stop() { self.isStopping.store(true, ordering: .relaxed) }

    /// Returns when all are safe; after ``stop()`` also when they cannot be.
    func take(_ frames: [SyslogFramer.Frame]) async {
        let received = SystemClock.wallNanoseconds
        var items: [IntakeItem] = []
        for frame in frames {
            switch frame {
            case .message(let bytes): items.append(self.item(bytes, items.count, received))
            case .tooLong:
                items.append(self.refused("it has more than \(self.limits.messageByteCountMax) bytes"))
            case .cutOff: items.append(self.refused("its connection ended inside it"))
            }
        }
        var rest = items[...]
        while !rest.isEmpty {
            await self.insist(on: Array(rest.prefix(self.limits.batchCountMax)))
            rest = rest.dropFirst(self.limits.batchCountMax)
        }
    }

    private func refused(_ reason: String) -> IntakeItem {
        self.malformed.add()
        return .refused(reason: reason, record: [])
    }

    private func item(_ bytes: [UInt8], _ number: Int, _ received: UInt64) -> IntakeItem {
        let record = RawRecord(bytes: bytes, number: UInt64(number), line: 1, byteRange: 0..<UInt64(bytes.count))
        do {
            // Two messages may be alike and still be two.
            let seed = try SecureRandom.bytes(16)
            return .event(try self.normalizer.normalize(syslog: record, knownByNanoseconds: received, seed: seed))
        } catch {
            return .refused(reason: error.message, record: bytes)
        }
    }

    private func insist(on items: [IntakeItem]) async {
        var pause = Self.retryFirst
        while true {
            do {
                _ = try await self.intake.take(items, adapter: "syslog")
                return
            } catch {
                if pause == Self.retryFirst {
                    self.logger.warning("syslog messages cannot be taken yet", metadata: ["reason": "\(error)"])
                }
            }
            guard !self.isStopping.load(ordering: .relaxed) else {
                self.lost.add(UInt64(items.count))
                self.logger.error("syslog messages are lost", metadata: ["count": "\(items.count)"])
                return
            }
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, Self.retryMax)
        }
    }
}
