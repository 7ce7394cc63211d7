import Cryptography
import JSONText
package import Primitives

/// How far a followed file has been taken in: what `indelible tail-file` remembers between two runs.
///
/// A line's number is its event's, under a producer that the file keeps across rotations. So lines that were sent when a run
/// was cut off before it could note that are sent again with the same numbers, and the log takes them once.
package struct TailPosition: Equatable {
    /// Longest state file that is read.
    static let byteCountMax = 64 << 10

    /// 16 bytes.
    package var producer: [UInt8]
    package var epoch: UInt64
    /// Number of the next line.
    package var nextNumber: UInt64 = 1
    /// Where the next line begins in ``file``.
    package var offset: UInt64 = 0
    /// `nil` before the first line.
    package var file: FileMark?

    package init(producer: [UInt8], epoch: UInt64) {
        self.producer = producer
        self.epoch = epoch
    }

    /// - Throws: ``IndelibleError/Code/dataLoss`` when `bytes` are no position.
    package init(parsing bytes: [UInt8], what: String) throws(IndelibleError) {
        let value = try? JSONValue(parsing: bytes, what: what)
        guard let value, value["version"]?.number?.int == 1,
            let producer = value["producer"]?.string.flatMap(Hex.decode),
            let epoch = value["epoch"]?.number?.uint64, let number = value["next_number"]?.number?.uint64,
            let offset = value["offset"]?.number?.uint64, producer.count == 16, number > 0
        else {
            throw IndelibleError(
                .dataLoss,
                "\(what) is damaged. Remove it to take the file in from its beginning, as another producer.",
            )
        }
        self.producer = producer
        self.epoch = epoch
        self.nextNumber = number
        self.offset = offset
        if let file = value["file"], !file.isNull { self.file = try FileMark(file, what: what) }
    }

    package var text: String {
        var writer = JSONWriter(.pretty)
        writer.object { writer in
            writer.member("version", 1)
            writer.member("producer", Hex.encode(self.producer))
            writer.member("epoch", self.epoch)
            writer.member("next_number", self.nextNumber)
            writer.member("offset", self.offset)
            writer.key("file")
            if let file = self.file { file.write(to: &writer) } else { writer.null() }
        }
        return writer.text + "\n"
    }
}

/// What tells a file from others, also when it has been renamed, and from a later one that got its inode.
package struct FileMark: Equatable {
    /// Bytes at the front that are compared.
    static let headByteCountMax = 1024

    package var device: UInt64
    package var inode: UInt64
    /// Bytes at the front that were there when the mark was made.
    package var headByteCount: Int
    /// SHA-256 of them.
    package var head: Digest

    package init(device: UInt64, inode: UInt64, headByteCount: Int, head: Digest) {
        self.device = device
        self.inode = inode
        self.headByteCount = headByteCount
        self.head = head
    }

    fileprivate init(_ value: JSONValue, what: String) throws(IndelibleError) {
        guard let device = value["device"]?.number?.uint64, let inode = value["inode"]?.number?.uint64,
            let count = value["head_bytes"]?.number?.int, 0...Self.headByteCountMax ~= count,
            let head = value["head_sha256"]?.string.flatMap(Hex.decode).flatMap({ Digest($0) })
        else { throw IndelibleError(.dataLoss, "\(what) is damaged: it does not say which file was followed.") }
        self.init(device: device, inode: inode, headByteCount: count, head: head)
    }

    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("device", self.device)
            writer.member("inode", self.inode)
            writer.member("head_bytes", self.headByteCount)
            writer.member("head_sha256", Hex.encode(self.head.bytes))
        }
    }
}
