internal import CIndelibleProto
package import Primitives
package import ProtobufC

/// A data set that models were trained or judged with.
package struct DatasetRecord: Equatable, ProtoMessage {
    /// SHA-256 of the data set.
    package var datasetHash: Digest
    package var name: String
    /// JSON: provenance, licence, size.
    package var card: String

    package init(
        datasetHash: Digest,
        name: String = "",
        card: String = "",
    ) {
        self.datasetHash = datasetHash
        self.name = name
        self.card = card
    }

    package static let codec = unsafe ProtoCodec(indelible__v1__dataset_record__init, Self.init(generated:))

    @unsafe private init(generated: Indelible__V1__DatasetRecord) throws(IndelibleError) {
        unsafe self.init(
            datasetHash: try Digest(field: "DatasetRecord.dataset_hash", generated.dataset_hash),
            name: String(field: generated.name),
            card: String(field: generated.card),
        )
    }

    package func write(to writer: inout ProtoWriter) {
        writer.bytes(1, self.datasetHash.bytes)
        writer.text(2, self.name)
        writer.text(3, self.card)
    }
}
