/// Cuts what is read of a growing file into lines, and counts them.
package struct LineCutter {
    package struct Line: Equatable {
        /// From 1; empty lines do not count.
        package let number: UInt64
        /// Without its end; `nil` when it is too long and was passed over.
        package let bytes: [UInt8]?
        /// Where the next line begins in the file.
        package let end: UInt64

        package init(number: UInt64, bytes: [UInt8]?, end: UInt64) {
            self.number = number
            self.bytes = bytes
            self.end = end
        }
    }

    private let lineByteCountMax: Int
    private var partial: [UInt8] = []
    private var isSkipping = false
    private var nextNumber: UInt64
    /// Bytes of the file that were given.
    private(set) var offset: UInt64

    /// - Parameters:
    ///   - number: of the next line.
    ///   - offset: where it begins.
    package init(number: UInt64, offset: UInt64, lineByteCountMax: Int) {
        self.nextNumber = number
        self.offset = offset
        self.lineByteCountMax = lineByteCountMax
    }

    /// Takes the next bytes of the file.
    ///
    /// - Returns: the lines that end in them.
    package mutating func append(_ bytes: [UInt8]) -> [Line] {
        var lines: [Line] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix { $0 != UInt8(ascii: "\n") }
            rest = rest[piece.endIndex...]
            self.offset += UInt64(piece.count)
            if self.partial.count + piece.count > self.lineByteCountMax {
                self.partial = []
                self.isSkipping = true
            }
            if !self.isSkipping { self.partial += piece }
            guard rest.popFirst() != nil else { break }
            self.offset += 1
            if let line = self.end() { lines.append(line) }
        }
        return lines
    }

    /// The file grows no more: what stands behind its last line end is a line too.
    package mutating func finish() -> Line? { self.end() }

    private mutating func end() -> Line? {
        defer {
            self.partial = []
            self.isSkipping = false
        }
        if self.partial.last == UInt8(ascii: "\r") { self.partial.removeLast() }
        guard self.isSkipping || self.partial.contains(where: { $0 > 0x20 }) else { return nil }
        defer { self.nextNumber += 1 }
        return Line(number: self.nextNumber, bytes: self.isSkipping ? nil : self.partial, end: self.offset)
    }
}
