internal import CPlatform

/// What time it is; only mains and services read it, everything below is told.
package enum SystemClock {
    /// Nanoseconds since the Unix epoch; can step backwards.
    package static var wallNanoseconds: UInt64 { ind_wall_ns() }
    /// Nanoseconds since some moment before the process started; never steps backwards.
    package static var monotonicNanoseconds: UInt64 { ind_monotonic_ns() }
    /// Nanoseconds that this thread has computed.
    package static var threadProcessorNanoseconds: UInt64 { ind_thread_cpu_ns() }
    /// Nanoseconds that all threads of this process have computed.
    package static var processProcessorNanoseconds: UInt64 { ind_process_cpu_ns() }
}
