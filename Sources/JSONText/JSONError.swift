package import Primitives

/// Where a text stops being JSON, or being the JSON that its reader wants, and why.
package struct JSONError: Error, Sendable, Equatable {
    /// Bytes from the start of the reader's buffer.
    package let offset: Int
    /// From 1; lines end with LF.
    package let line: Int
    /// From 1, in characters (Unicode scalars) of that line.
    package let column: Int
    /// A sentence without its full stop: what was expected, what was found.
    package let reason: String

    package init(offset: Int, line: Int, column: Int, reason: String) {
        self.offset = offset
        self.line = line
        self.column = column
        self.reason = reason
    }

    /// The error as the rest of the suite passes it on.
    ///
    /// - Parameter what: what the text is, for the message: a file's name, "the request".
    /// - Returns: ``IndelibleError/Code/invalidArgument`` with the position and the reason in its message.
    package func indelible(_ what: String = "The text") -> IndelibleError {
        IndelibleError(
            .invalidArgument,
            "\(what) cannot be read as JSON: line \(self.line), column \(self.column) (byte \(self.offset)): \(self.reason).",
        )
    }
}

extension JSONError: CustomStringConvertible {
    package var description: String {
        "line \(self.line), column \(self.column) (byte \(self.offset)): \(self.reason)"
    }
}
