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
        router.register(IngestMethods.submit) { _, request in
            // Checked here, on the caller's task, so that the collector's thread is left to batches and disk.
<<<<<<< HEAD
            let submission = try Submission(request)
=======
            let payload = try SubmissionPolicy.checked(call.payloadBytes, from: call.peer)
            let submission = try Submission(payload)
>>>>>>> w-a
            return try await collector.submit(submission).serialized
        }
        router.register(IngestMethods.getIngestStatus, unary: { _, _ in await collector.status.serialized })
        return router
    }
}
