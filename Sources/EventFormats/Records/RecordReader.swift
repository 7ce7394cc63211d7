package import Primitives

/// Turns the bytes of a file, plain or gzip, into records, however the bytes are cut into chunks.
///
///     var reader = try RecordReader()
///     while let chunk = … { reader.append(chunk); for item in reader.takeItems() { … } }
///     reader.finish(); for item in reader.takeItems() { … }
package struct RecordReader: ~Copyable {
    /// Bytes in one call of ``append(_:)``: what a chunk can decompress to is held until it is taken.
    package static let chunkByteCountMax = 64 << 10

    private enum Front: Equatable {
        /// Fewer bytes than it takes to tell.
        case unknown
        case plain
        case gzip
        /// Nothing more can be read.
        case broken
    }

    private var front = Front.unknown
    private var head: [UInt8] = []
    private var decoder: GzipDecoder
    private var splitter: RecordSplitter
    /// The text's own first bytes, until it is known whether they are a byte order mark.
    private var textHead: [UInt8]? = []
    private var failure: String?

    /// - Throws: ``IndelibleError/Code/internal`` when zlib cannot start.
    package init(_ limits: RecordLimits = RecordLimits()) throws(IndelibleError) {
        self.splitter = RecordSplitter(limits)
        self.decoder = try GzipDecoder(limits)
    }

    /// Whether the file is damaged here, so that reading further is of no use.
    package var isBroken: Bool { self.front == .broken }

    /// - Precondition: at most ``chunkByteCountMax`` bytes.
    package mutating func append(_ chunk: [UInt8]) {
        precondition(chunk.count <= Self.chunkByteCountMax, "a chunk has at most \(Self.chunkByteCountMax) bytes")
        switch self.front {
        case .broken: return
        case .unknown:
            self.head += chunk
            guard self.head.count >= 2 else { return }
            self.front = self.head.starts(with: [0x1f, 0x8b]) ? .gzip : .plain
            let head = self.head
            self.head = []
            self.read(head)
        case .plain, .gzip: self.read(chunk)
        }
    }

    package mutating func finish() {
        if self.front == .unknown {
            self.front = .plain
            self.read(self.head)
        }
        if self.front == .gzip {
            do throws(IndelibleError) { try self.decoder.finish() } catch { self.failure = error.message }
        }
        if let textHead = self.textHead {
            self.textHead = nil
            self.splitter.append(textHead[...])
        }
        self.splitter.finish()
    }

    /// The records found since the last call, in order, and after them what stopped the reading.
    package mutating func takeItems() -> [RecordItem] {
        var items = self.splitter.takeItems()
        if let failure = self.failure {
            self.failure = nil
            self.front = .broken
            items.append(.rejected(RejectedRecord(number: 0, line: self.splitter.line, reason: failure)))
        }
        return items
    }

    private mutating func read(_ chunk: [UInt8]) {
        guard self.front == .gzip else { return self.split(chunk[...]) }
        var pieces: [UInt8] = []
        do throws(IndelibleError) {
            try self.decoder.decode(chunk) { pieces += $0 }
        } catch {
            self.failure = error.message
            self.front = .broken
        }
        self.split(pieces[...])
    }

    /// Takes a byte order mark off the front, and refuses UTF-16.
    private mutating func split(_ text: ArraySlice<UInt8>) {
        guard var head = self.textHead else { return self.splitter.append(text) }
        head += text
        guard head.count >= 3 else {
            self.textHead = head
            return
        }
        self.textHead = nil
        if head.starts(with: [0xff, 0xfe]) || head.starts(with: [0xfe, 0xff]) {
            self.failure = "The file is UTF-16. Convert it: iconv -f UTF-16 -t UTF-8"
            self.front = .broken
            return
        }
        self.splitter.append(head.starts(with: [0xef, 0xbb, 0xbf]) ? head[3...] : head[...])
    }
}
