import NIOHTTP1
import Primitives
package import ServiceKit

/// `GET /v1/sources`: what a collector knows of its sources since it started.
package struct SourcesAdapter: CollectionAdapter {
    private let desk: SourceDesk

    package init(_ desk: SourceDesk) { self.desk = desk }

    package func take(_ request: CollectionRequest) async throws -> HTTPReply {
        HTTPReply(.methodNotAllowed, text: "Use GET.\n")
    }

    package func answerToGet(_ request: CollectionRequest) -> HTTPReply? {
        HTTPReply(.ok, text: self.desk.json, contentType: "application/json")
    }
}
