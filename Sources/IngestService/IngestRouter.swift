import IngestCore
package import Masking
import Primitives
import ProtobufC
import ServiceProtocol
package import Transport
import Wire

/// What answers each method of the Ingest service.
package struct IngestRouter: Sendable {
    private let collector: Collector
    /// Masks events that came without; `nil` keeps them as they are.
    private let masker: Masker?

    package init(_ collector: Collector, masker: Masker? = nil) {
        self.collector = collector
        self.masker = masker
    }

    package var router: Router {
        var router = Router()
        let (collector, masker) = (self.collector, self.masker)
        router.register(IngestMethods.submit) { call, request in
            // Checked here, on the caller's task, so that the collector's thread is left to batches and disk.
            let allowed = try SubmissionPolicy.checked(request, from: call.peer)
            let submission = try Submission(masker?.masked(allowed) ?? allowed)
            return try await collector.submit(submission).serialized
        }
        router.register(IngestMethods.getIngestStatus, unary: { _, _ in await collector.status.serialized })
        return router
    }
}
