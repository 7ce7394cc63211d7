package import AuditModel
internal import Primitives

/// The features of a log's events as lines of CSV: what a model is trained on is what it will be served.
package struct FeatureTable: Sendable {
    private var extractor: FeatureExtractor

    package init(schema: FeatureSchema) { self.extractor = FeatureExtractor(schema: schema) }

    /// The first line: `index`, then the features' names.
    package var header: String { (["index"] + self.extractor.schema.names).joined(separator: ",") + "\n" }

    /// The line of an event.
    ///
    /// - Precondition: as ``FeatureExtractor/extract(index:slot:_:)``.
    package mutating func line(index: UInt64, slot: UInt8, _ event: AuditEvent) -> String {
        let features = self.extractor.extract(index: index, slot: slot, event).features
        return "\(index),\(features.map(String.init).joined(separator: ","))\n"
    }
}
