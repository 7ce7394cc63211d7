#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Standard output for answers, standard error for everything else.
enum Terminal {
    static func write(_ text: String) { Self.put(Array(text.utf8), to: STDOUT_FILENO) }
    static func write(_ bytes: [UInt8]) { Self.put(bytes, to: STDOUT_FILENO) }
    static func note(_ line: String) { Self.put(Array((line + "\n").utf8), to: STDERR_FILENO) }

    /// Puts the cursor at the top of an empty screen (ECMA-48).
    static let clearScreen = "\u{1b}[H\u{1b}[2J"
    static var isInteractive: Bool { isatty(STDOUT_FILENO) == 1 }

    /// A line that the next one replaces, on a terminal only.
    static func progress(_ line: String) {
        guard isatty(STDERR_FILENO) == 1 else { return }
        Self.put(Array("\r\u{1b}[K\(line)".utf8), to: STDERR_FILENO)
    }

    /// Ends a run of ``progress(_:)`` lines.
    static func endProgress() {
        guard isatty(STDERR_FILENO) == 1 else { return }
        Self.put(Array("\r\u{1b}[K".utf8), to: STDERR_FILENO)
    }

    /// A reader that has gone away (`| head`) ends the program quietly.
    private static func put(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { exit(descriptor == STDOUT_FILENO ? 0 : 3) }
            rest = rest.dropFirst(count)
        }
    }
}
