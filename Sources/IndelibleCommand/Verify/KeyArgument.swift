import Primitives
import ServiceKit
import Storage
import TransparencyLog

extension VerifierKey {
    /// Reads a flag's value: a vkey as it is, or a file whose first line is one.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument``.
    init(argument: String) throws(IndelibleError) {
        if argument.contains("+") {
            try self.init(parsing: argument)
            return
        }
        let (files, name) = try HostPath(argument).open()
        guard let bytes = try files.readAll(name, byteCountMax: Self.byteCountMax) else {
            throw IndelibleError(.invalidArgument, "There is no file \(argument), and it is no verifier key.")
        }
        try self.init(parsing: String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }
}
