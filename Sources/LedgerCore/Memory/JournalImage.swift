internal import Storage

/// The bytes of one journal file in memory: filled by the stage, written by the committer, read by everybody after that.
///
/// Bytes are written once, before the entries in them are published as durable, and read only afterwards.
final class JournalImage: Sendable {
    /// Of the journal file that these bytes belong to.
    let number: UInt64
    let memory: AlignedMemory

    init(number: UInt64, memory: AlignedMemory) {
        self.number = number
        self.memory = memory
    }
}

/// Where an entry's length prefix is in the journal: a file's number and an offset in it.
struct JournalAddress: Equatable, BitwiseCopyable {
    let packed: UInt64

    init(packed: UInt64) { self.packed = packed }

    init(file: UInt64, offset: Int) { self.packed = file << 32 | UInt64(offset) }

    var file: UInt64 { self.packed >> 32 }
    var offset: Int { Int(self.packed & 0xffff_ffff) }
}
