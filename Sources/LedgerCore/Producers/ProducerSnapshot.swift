internal import Cryptography
internal import Primitives
internal import Storage

/// The file `producers`: what a ``ProducerTable`` remembered when the log had a certain size.
///
/// It is written before the journal frames that it covers are given up, so that table plus journal is always whole.
enum ProducerSnapshot {
    static let path = "producers"
    static let magic = Array("INDPROD1".utf8)
    /// Bytes; all limits reached at once need 40 MiB.
    static let byteCountMax = 1 << 28

    static func encode(_ table: ProducerTable, size: UInt64) -> [UInt8] {
        var fields = FieldWriter()
        fields.put(Self.magic)
        fields.put(size)
        fields.put(table.forgottenEpoch)
        fields.put(UInt32(table.count))
        for history in table.histories {
            fields.put(UInt8(history.id.byteCount))
            fields.put(history.id.bytes)
            fields.put(history.epoch)
            fields.put(history.forgotten)
            fields.put(UInt32(history.runs.count))
            for run in history.runs {
                fields.put(run.firstSequence)
                fields.put(run.firstIndex)
                fields.put(run.count)
            }
        }
        fields.putChecksum()
        return fields.bytes
    }

    /// - Returns: `nil` when there is no such file.
    /// - Throws: ``IndelibleError/Code/dataLoss`` when it is damaged.
    static func read(
        from files: any FileSystem,
        limits: ProducerLimits,
    ) throws(IndelibleError) -> (table: ProducerTable, size: UInt64)? {
        guard let bytes = try files.readAll(self.path, byteCountMax: self.byteCountMax) else { return nil }
        guard let found = Self.decode(bytes, limits: limits) else {
            throw IndelibleError(
                .dataLoss,
                """
                The file \(self.path) is damaged, so repeats cannot be recognised. Restore it from a copy; or delete it, \
                and every producer has to start a new epoch.
                """,
            )
        }
        return found
    }

    static func decode(_ bytes: [UInt8], limits: ProducerLimits) -> (table: ProducerTable, size: UInt64)? {
        guard bytes.count >= 4, bytes.starts(with: Self.magic) else { return nil }
        var tail = FieldReader(bytes, bytes.count - 4..<bytes.count)
        guard tail.take(UInt32.self) == CRC32C.checksum(Array(bytes.dropLast(4))) else { return nil }
        var fields = FieldReader(bytes, Self.magic.count..<bytes.count - 4)
        guard let size: UInt64 = fields.take(), let forgottenEpoch: UInt64 = fields.take(),
            let count: UInt32 = fields.take()
        else { return nil }
        var table = ProducerTable(limits: limits, forgottenEpoch: forgottenEpoch)
        for _ in 0..<count {
            guard let history = Self.history(&fields) else { return nil }
            table.restore(history)
        }
        return fields.remaining == 0 ? (table, size) : nil
    }

    private static func history(_ fields: inout FieldReader) -> ProducerHistory? {
        guard let idByteCount: UInt8 = fields.take(),
            let id = fields.take(bytes: Int(idByteCount)).flatMap({ ProducerID($0) }),
            let epoch: UInt64 = fields.take(), let forgotten: UInt64 = fields.take(),
            let count: UInt32 = fields.take()
        else { return nil }
        var runs: [ProducerRun] = []
        for _ in 0..<count {
            guard let sequence: UInt64 = fields.take(), let index: UInt64 = fields.take(),
                let runCount: UInt64 = fields.take()
            else { return nil }
            runs.append(ProducerRun(firstSequence: sequence, firstIndex: index, count: runCount))
        }
        return ProducerHistory(id: id, epoch: epoch, forgotten: forgotten, runs: runs)
    }
}
