import Cryptography
package import EventFormats
import NIOHTTP1
import Primitives
package import ServiceKit

/// `POST /v1/k8s/audit/{cluster}`: the audit webhook of a Kubernetes API server.
///
/// The server sends a batch again until it is answered, and several replicas may send the same event: an event is told by its
/// auditID and stage, and taken once.
package struct KubernetesAdapter: CollectionAdapter {
    /// Bytes of a cluster's name.
    private static let clusterByteCountMax = 253

    private let intake: Intake
    private let limits: CollectionLimits

    package init(_ intake: Intake, limits: CollectionLimits = CollectionLimits()) {
        self.intake = intake
        self.limits = limits
    }

    package func take(_ request: CollectionRequest) async throws -> HTTPReply {
        let cluster = request.rest
        let isName = cluster.utf8.allSatisfy { byte in
            byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26
                || [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_")].contains(byte)
        }
        guard isName, 1...Self.clusterByteCountMax ~= cluster.utf8.count else {
            throw IndelibleError(
                .invalidArgument,
                "The path ends with the cluster's name: letters, digits, hyphens, dots and underscores.",
            )
        }
        guard request.mediaType == "application/json" else {
            throw IndelibleError(.unimplemented, "Content-Type is application/json.")
        }
        let normalizer = self.intake.normalizer(format: .k8s, source: "k8s/\(cluster)", self.limits)
        let parts = try RecordBody.json.split(request.body, self.limits)
        var items: [IntakeItem] = []
        var keys: [Digest] = []
        for part in parts {
            // The number is no part of the event's identity here: a batch may be cut another way.
            let item = try normalizer.item(part, 0, request, seed: Array(cluster.utf8))
            items.append(item)
            keys.append(try Self.key(of: request.body[part.range], cluster))
        }
        // An event that can never be taken is no reason to have the batch sent again: it is counted and kept.
        _ = try await self.intake.take(items, adapter: "k8s", key: .records(keys))
        return HTTPReply(.ok, text: "{}\n", contentType: "application/json")
    }

    /// By the record as it came: what is masked in it must not make different events look the same.
    private static func key(of record: ArraySlice<UInt8>, _ cluster: String) throws(IndelibleError) -> Digest {
        let record = Array(record)
        let names = RecordNames.read(["auditID", "stage"], of: record)
        guard let id = names[0], !id.isEmpty else { return try SHA256.hash(record) }
        return try SHA256.hash(Array("indelible/k8s/v1\n\(cluster)\n\(id)\n\(names[1] ?? "")".utf8))
    }
}
