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
    /// The directory for ``CollectorEpoch``.
    package var epochFiles: any FileSystem
    /// The directory that holds what the ledger refused for good, and nothing else: ``RefusedBatches``.
    package var refusedFiles: any FileSystem
    package var batches: BatchLimits
    package var spool: SpoolLimits
    package var refused: RefusedLimits
    /// Bytes of submissions that wait to be batched or delivered; more are refused.
    package var waitingByteCountMax: Int

    package init(
        collector: CollectorKey,
        key: Ed25519.SigningKey,
        answer: AnswerLevel,
        spoolFiles: any FileSystem,
        epochFiles: any FileSystem,
        refusedFiles: any FileSystem,
        batches: BatchLimits = BatchLimits(),
        spool: SpoolLimits = SpoolLimits(),
        refused: RefusedLimits = RefusedLimits(),
        waitingByteCountMax: Int = 64 << 20,
    ) {
        self.collector = collector
        self.key = key
        self.answer = answer
        self.spoolFiles = spoolFiles
        self.epochFiles = epochFiles
        self.refusedFiles = refusedFiles
        self.batches = batches
        self.spool = spool
        self.refused = refused
        self.waitingByteCountMax = waitingByteCountMax
    }
}
