package import Primitives

/// What a log vouches for: the root of its tree at one size (C2SP tlog-checkpoint).
///
/// It has no time; times come from cosignatures.
package struct Checkpoint: Sendable {
    /// UTF-8 bytes of an origin.
    package static let originByteCountMax = KeyName.byteCountMax
    /// Entries; Go's tools count in signed 64 bits.
    package static let sizeMax = Decimal.max
    /// Lines after the third in a checkpoint of another log; ours has none.
    package static let extensionCountMax = 64

    /// The log's identity, such as `example.com/log42`.
    package let origin: String
    /// Number of entries.
    package let size: UInt64
    package let root: Digest
    /// Lines of unknown meaning, each not empty; kept because cosignatures cover them.
    package let extensions: [String]

    /// - Throws: ``IndelibleError/Code/invalidArgument`` when one of them cannot stand in a checkpoint.
    package init(
        origin: String,
        size: UInt64,
        root: Digest,
        extensions: [String] = [],
    ) throws(IndelibleError) {
        guard (1...Self.originByteCountMax).contains(origin.utf8.count), Self.isLine(origin) else {
            throw IndelibleError(
                .invalidArgument,
                "The origin of a log is one line of 1 to \(Self.originByteCountMax) bytes.",
            )
        }
        guard size <= Self.sizeMax else {
            throw IndelibleError(.invalidArgument, "A log has at most \(Self.sizeMax) entries, this one has \(size).")
        }
        guard extensions.count <= Self.extensionCountMax, extensions.allSatisfy(Self.isLine) else {
            throw IndelibleError(
                .invalidArgument,
                "A checkpoint may have \(Self.extensionCountMax) extension lines, none of them empty.",
            )
        }
        self.origin = origin
        self.size = size
        self.root = root
        self.extensions = extensions
    }

    /// - Parameter text: of a note, up to and with its last LF.
    /// - Throws: ``IndelibleError/Code/invalidArgument``.
    package init(parsing text: String) throws(IndelibleError) {
        var cursor = LineCursor(text)
        guard let origin = cursor.next(), let size = cursor.next().flatMap({ Decimal.parse($0) }),
            let root = cursor.next().flatMap({ Digest(base64: $0) })
        else {
            throw IndelibleError(
                .invalidArgument,
                "A checkpoint has three lines: the origin, the size in decimal, and base64 of a 32-byte root.",
            )
        }
        var extensions: [String] = []
        while extensions.count <= Self.extensionCountMax, let line = cursor.next() { extensions.append(line) }
        try self.init(origin: origin, size: size, root: root, extensions: extensions)
        // Whatever is signed or compared later is written from the parts, so the parts must be the whole.
        guard self.text.hasSameBytes(as: text) else {
            throw IndelibleError(.invalidArgument, "A checkpoint must end in a line feed.")
        }
    }

    /// The text of the note; ends in LF.
    package var text: String {
        self.extensions.reduce(into: "\(self.origin)\n\(self.size)\n\(self.root.base64)\n") { $0 += $1 + "\n" }
    }

    private static func isLine(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 >= 0x20 }
    }
}

extension Checkpoint: Equatable {
    package static func == (left: Checkpoint, right: Checkpoint) -> Bool {
        left.size == right.size && left.root == right.root && left.text.hasSameBytes(as: right.text)
    }
}
