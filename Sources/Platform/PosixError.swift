internal import CPlatform
internal import Primitives

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// An error number of the operating system, as the cause of an ``IndelibleError``.
package struct PosixError: Error, Equatable {
    package let number: Int32

    package init(number: Int32) { self.number = number }

    /// Turns a result of `CPlatform`, which is zero or more for success and else `-errno`, into an error with advice.
    static func check(_ result: Int32, _ verb: String, _ path: String) throws(IndelibleError) {
        guard result < 0 else { return }
        let cause = PosixError(number: -result)
        throw IndelibleError(cause.code, "Could not \(verb) \(path): \(cause). \(cause.advice)", cause: cause)
    }

    private var code: IndelibleError.Code {
        switch self.number {
        case ENOENT, ENOTDIR: .notFound
        case EEXIST: .alreadyExists
        case ENOSPC, EDQUOT, EFBIG, EMFILE, ENFILE, ENOMEM: .resourceExhausted
        case EACCES, EPERM: .permissionDenied
        case EROFS, EBUSY: .failedPrecondition
        case EIO, ENXIO: .dataLoss
        case EINVAL, ENAMETOOLONG: .invalidArgument
        default: .internal
        }
    }

    private var advice: String {
        switch self.number {
        case ENOENT, ENOTDIR: "Check the path."
        case EEXIST: "Choose another name, or find out who made it."
        case ENOSPC: "Free some space on the disk, then start again."
        case EDQUOT, EFBIG: "Raise the quota or the limit on file sizes, then start again."
        case EMFILE, ENFILE: "Raise the limit on open files (ulimit -n)."
        case EACCES, EPERM: "Give this user the right to do so."
        case EROFS: "Mount the file system for writing, then start again."
        case EIO, ENXIO: "Check the disk (dmesg), then start again; what was acknowledged is read back then."
        default: "See the cause."
        }
    }
}

extension PosixError: CustomStringConvertible {
    /// What the system calls it, such as `No space left on device`.
    package var description: String {
        var text = [CChar](repeating: 0, count: 128)
        let capacity = text.count
        unsafe ind_error_text(self.number, &text, capacity)
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
