internal import CIndelibleProto
internal import Primitives
package import ProtobufC

/// Asks for the current checkpoint.
package struct GetCheckpointRequest: Equatable, ProtoMessage {
    package init() {}
    package static let codec = unsafe ProtoCodec(indelible__v1__get_checkpoint_request__init, Self.init(generated:))
    @unsafe private init(generated _: Indelible__V1__GetCheckpointRequest) throws(IndelibleError) {}
    package func write(to _: inout ProtoWriter) {}
}

/// Asks how the log is.
package struct GetStatusRequest: Equatable, ProtoMessage {
    package init() {}
    package static let codec = unsafe ProtoCodec(indelible__v1__get_status_request__init, Self.init(generated:))
    @unsafe private init(generated _: Indelible__V1__GetStatusRequest) throws(IndelibleError) {}
    package func write(to _: inout ProtoWriter) {}
}

/// Asks how the collector is.
package struct GetIngestStatusRequest: Equatable, ProtoMessage {
    package init() {}
    package static let codec = unsafe ProtoCodec(indelible__v1__get_ingest_status_request__init, Self.init(generated:))
    @unsafe private init(generated _: Indelible__V1__GetIngestStatusRequest) throws(IndelibleError) {}
    package func write(to _: inout ProtoWriter) {}
}

/// Asks who holds which slots.
package struct GetSlotHoldersRequest: Equatable, ProtoMessage {
    package init() {}
    package static let codec = unsafe ProtoCodec(indelible__v1__get_slot_holders_request__init, Self.init(generated:))
    @unsafe private init(generated _: Indelible__V1__GetSlotHoldersRequest) throws(IndelibleError) {}
    package func write(to _: inout ProtoWriter) {}
}

/// A state is kept.
package struct PutSlotStateResponse: Equatable, ProtoMessage {
    package init() {}
    package static let codec = unsafe ProtoCodec(indelible__v1__put_slot_state_response__init, Self.init(generated:))
    @unsafe private init(generated _: Indelible__V1__PutSlotStateResponse) throws(IndelibleError) {}
    package func write(to _: inout ProtoWriter) {}
}
