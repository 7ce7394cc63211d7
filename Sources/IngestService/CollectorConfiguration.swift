package import AuditModel
package import Cryptography
package import IngestCore
package import Storage

/// What a collector is given.
package struct CollectorConfiguration: Sendable {
    package var collector: CollectorKey
    package var key: Ed25519.SigningKey
    package var answer: AnswerLevel
    /// The directory that holds the spool, and nothing else.
    package var spoolFiles: any FileSystem
    /// The collector's start: ``CollectorEpoch``.
    package var epoch: UInt64
    package var batches: BatchLimits
    package var spool: SpoolLimits
    /// Bytes of submissions that wait to be batched or delivered; more are refused.
    package var waitingByteCountMax: Int

    package init(
        collector: CollectorKey,
        key: Ed25519.SigningKey,
        answer: AnswerLevel,
        spoolFiles: any FileSystem,
        epoch: UInt64,
        batches: BatchLimits = BatchLimits(),
        spool: SpoolLimits = SpoolLimits(),
        waitingByteCountMax: Int = 64 << 20,
    ) {
        self.collector = collector
        self.key = key
        self.answer = answer
        self.spoolFiles = spoolFiles
        self.epoch = epoch
        self.batches = batches
        self.spool = spool
        self.waitingByteCountMax = waitingByteCountMax
    }
}
