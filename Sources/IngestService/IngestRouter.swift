import IngestCore
import Primitives
import ProtobufC
import ServiceProtocol
package import Transport
import Wire

/// What answers each method of the Ingest service.
package struct IngestRouter: Sendable {
    private let collector: Collector

    package init(_ collector: Collector) { self.collector = collector }

    package var router: Router {
        var router = Router()
        let collector = self.collector
        router.register(IngestMethods.submit) { call, request in
            // Checked here, on the caller's task, so that the collector's thread is left to batches and disk.
            let submission = try Submission(try SubmissionPolicy.checked(request, from: call.peer))
            return try await collector.submit(submission).serialized
        }
        router.register(IngestMethods.getIngestStatus, unary: { _, _ in await collector.status.serialized })
        return router
    }
}
