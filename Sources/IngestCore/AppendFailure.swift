package import Primitives
internal import Wire

/// What a failed Append means for its batch.
package enum AppendFailure: Sendable, Equatable {
    /// The ledger will never take these items, however often they are sent.
    case refused
    /// It may take them later, or has them already: they are sent until it says which.
    case unsettled

    /// Only what the ledger itself says of a batch settles it; a failure on this side says nothing about the batch.
    package init(_ error: IndelibleError) {
        guard error.remoteFailure != nil else {
            self = .unsettled
            return
        }
        switch error.code {
        // A limit, or numbers that do not rise: the same bytes break the same rule tomorrow.
        case .invalidArgument: self = .refused
        // An epoch or numbers that are too old: neither becomes younger.
        case .failedPrecondition: self = .refused
        // The ledger has no such log, no such method, or does not let this collector in: an operator sets it right.
        case .notFound, .unimplemented, .permissionDenied, .unauthenticated: self = .unsettled
        // The ledger's state, its disk, or the way to it.
        case .unavailable, .deadlineExceeded, .cancelled, .resourceExhausted, .dataLoss, .internal: self = .unsettled
        // Not what an Append is answered with; should a later ledger do so, waiting loses nothing.
        case .aborted, .alreadyExists, .outOfRange: self = .unsettled
        }
    }
}
