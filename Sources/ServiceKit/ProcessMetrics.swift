import Platform

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What the system says of this process, for `/metrics`.
package enum ProcessMetrics {
    /// - Parameter service: ledger, ingest, verifier or analyzer.
    package static func register(_ service: String, in metrics: Metrics) {
        metrics.computed("indelible_\(service)_cpu_nanoseconds_total", "CPU time of all threads.") {
            Int64(clamping: SystemClock.processProcessorNanoseconds)
        }
        metrics.computed("indelible_\(service)_resident_bytes", "Memory in use.") { Self.residentByteCount }
    }

    /// Second field of `/proc/self/statm`, in bytes; 0 when it cannot be read.
    private static var residentByteCount: Int64 {
        let descriptor = unsafe open("/proc/self/statm", O_RDONLY)
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        var text = [UInt8](repeating: 0, count: 128)
        let count = unsafe read(descriptor, &text, text.count)
        let fields = text.prefix(max(0, count)).split(separator: UInt8(ascii: " "))
        guard fields.count > 1, let pages = Int64(String(decoding: fields[1], as: UTF8.self)) else { return 0 }
        return pages * Int64(sysconf(Int32(_SC_PAGESIZE)))
    }
}
