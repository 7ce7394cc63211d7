package import Primitives

/// Cuts a stream into syslog messages: by their announced lengths, or by line ends, whichever each one comes with.
///
/// A message that begins with a digit other than 0 has its length before it (RFC 6587, section 3.4.1; RFC 5425); any
/// other ends with a line feed or a NUL (RFC 6587, section 3.4.2). Holds one message at most, within a bound.
package struct SyslogFramer: Sendable {
    package enum Frame: Sendable, Equatable {
        case message([UInt8])
        /// It was passed over.
        case tooLong
        /// The stream ended inside it.
        case cutOff
    }

    /// Digits of an announced length.
    private static let lengthDigitCountMax = 8

    private enum Mode: Equatable {
        case start
        /// Bytes that are still to come.
        case counted(Int)
        case line
        case skippingCounted(Int)
        case skippingLine
    }

    private let messageByteCountMax: Int
    private var mode = Mode.start
    private var partial: [UInt8] = []
    private var length = 0
    private var digitCount = 0

    /// - Parameter messageByteCountMax: bytes of one message.
    package init(messageByteCountMax: Int) { self.messageByteCountMax = messageByteCountMax }

    /// Takes the next bytes of the stream.
    ///
    /// - Returns: what ended in them, in order.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when no end can be told: the stream is of no more use.
    package mutating func append(_ bytes: some Collection<UInt8>) throws(IndelibleError) -> [Frame] {
        var frames: [Frame] = []
        var rest = bytes[...]
        while let byte = rest.first {
            switch self.mode {
            case .start:
                rest = rest.dropFirst()
                try self.begin(byte)
            case .counted(let missing):
                let piece = rest.prefix(missing)
                self.partial += piece
                rest = rest.dropFirst(piece.count)
                self.mode = .counted(missing - piece.count)
                if missing == piece.count { frames += self.end() }
            case .skippingCounted(let missing):
                let count = min(missing, rest.count)
                rest = rest.dropFirst(count)
                self.mode = .skippingCounted(missing - count)
                if missing == count { self.passedOver(&frames) }
            case .line:
                let piece = rest.prefix { $0 != 0x0a && $0 != 0 }
                rest = rest[piece.endIndex...]
                if self.partial.count + piece.count > self.messageByteCountMax {
                    self.partial = []
                    self.mode = .skippingLine
                } else {
                    self.partial += piece
                    if rest.popFirst() != nil { frames += self.end() }
                }
            case .skippingLine:
                rest = rest.drop { $0 != 0x0a && $0 != 0 }
                if rest.popFirst() != nil { self.passedOver(&frames) }
            }
        }
        return frames
    }

    /// The stream has ended: what stands there without its line end is a message too.
    package mutating func finish() -> Frame? {
        defer { self.reset() }
        switch self.mode {
        case .start: return self.digitCount > 0 ? .cutOff : nil
        case .line: return self.end().first
        case .counted: return .cutOff
        case .skippingCounted, .skippingLine: return .tooLong
        }
    }

    private mutating func begin(_ byte: UInt8) throws(IndelibleError) {
        if self.digitCount == 0 {
            // Line ends between messages, and after counted ones.
            if byte == 0x0a || byte == 0x0d || byte == 0 { return }
            guard 0x31...0x39 ~= byte else {
                self.partial.append(byte)
                self.mode = .line
                return
            }
        }
        guard byte != 0x20 else {
            self.mode = self.length > self.messageByteCountMax ? .skippingCounted(self.length) : .counted(self.length)
            return
        }
        guard 0x30...0x39 ~= byte, self.digitCount < Self.lengthDigitCountMax else {
            throw IndelibleError(
                .invalidArgument,
                "A syslog message begins with its length and a space, or with something that is no digit.",
            )
        }
        self.length = self.length * 10 + Int(byte - 0x30)
        self.digitCount += 1
    }

    /// White space alone is no message.
    private mutating func end() -> [Frame] {
        var message = self.partial
        while let last = message.last, last == 0x0d || last == 0x0a || last == 0 { message.removeLast() }
        self.reset()
        return message.contains { $0 > 0x20 } ? [.message(message)] : []
    }

    private mutating func passedOver(_ frames: inout [Frame]) {
        frames.append(.tooLong)
        self.reset()
    }

    private mutating func reset() {
        self.mode = .start
        self.partial = []
        self.length = 0
        self.digitCount = 0
    }
}
