/// What went wrong, for programs and for people.
///
/// The code is stable and travels on the wire as a gRPC status; the message says what to do next; the cause is for
/// operators.
package struct IndelibleError: Error, Sendable {
    /// Stable numbers to switch on, to log and to map to statuses; never renumbered.
    package enum Code: UInt8, Sendable, CaseIterable {
        /// The caller sent something that can never work.
        case invalidArgument = 3
        /// Not done in time; it may have happened all the same.
        case deadlineExceeded = 4
        case notFound = 5
        case alreadyExists = 6
        /// The caller's role does not cover the call.
        case permissionDenied = 7
        /// A stated limit is reached; try later or send less.
        case resourceExhausted = 8
        /// The system is not in a state in which this can work; an operator must act.
        case failedPrecondition = 9
        /// A conflict with what is already there; the message says how to go on.
        case aborted = 10
        case outOfRange = 11
        case unimplemented = 12
        /// A bug of ours, or a library's failure.
        case `internal` = 13
        /// Not reachable now, or shutting down; try again.
        case unavailable = 14
        /// Bytes that do not match their checksum, hash or signature.
        case dataLoss = 15
        /// No acceptable identity was shown.
        case unauthenticated = 16
        /// The caller gave up.
        case cancelled = 1
    }

    package let code: Code
    /// What happened, to what, and what to do next, without secrets, payloads or jargon.
    package let message: String
    package let cause: (any Error)?

    package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }
}

extension IndelibleError: CustomStringConvertible {
    package var description: String {
        let reason = self.cause.map { " Cause: \($0)" } ?? ""
        return "\(self.code): \(self.message)\(reason)"
    }
}
