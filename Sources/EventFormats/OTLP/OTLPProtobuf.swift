internal import CIndelibleProto
internal import CProtobufC
package import Primitives
internal import ProtobufC

/// Reads OTLP's protobuf encoding: ExportLogsServiceRequest and ExportTraceServiceRequest.
package enum OTLPProtobuf {
    /// The items of a request, in order.
    ///
    /// - Throws: ``IndelibleError/Code/invalidArgument`` when `body` is no such message, or nested too deep or too rich for
    ///   `limits`.
    package static func items(
        _ signal: OTLPItem.Signal,
        _ body: [UInt8],
        _ limits: CollectionLimits = CollectionLimits(),
    ) throws(IndelibleError) -> [OTLPItem] {
        let bounds = ProtoLimits(
            depthMax: UInt32(limits.depthMax),
            fieldCountMax: 4 << 20,
            arenaByteCountMax: max(1 << 20, body.count * Self.arenaRatio),
        )
        var arena = try Arena(byteCountMax: bounds.arenaByteCountMax)
        let codec = signal == .log ? Self.logs : Self.spans
        return try codec.decode(body.span, in: &arena, bounds)
    }

    /// Bytes that a decoded message may take for each byte of its encoding; real requests take 4 to 8.
    private static let arenaRatio = 12

    private static let logs = unsafe ProtoCodec<[OTLPItem]>(
        otlp__v1__export_logs_service_request__init,
        { (request: Otlp__V1__ExportLogsServiceRequest) in
            var items: [OTLPItem] = []
            unsafe Self.each(request.resource_logs, request.n_resource_logs) { group in
                let resource = unsafe Self.attributes(of: group.resource)
                unsafe Self.each(group.scope_logs, group.n_scope_logs) { scope in
                    unsafe Self.each(scope.log_records, scope.n_log_records) { record in
                        var item = unsafe Self.item(record)
                        item.resource = resource
                        unsafe Self.add(scope.scope, to: &item)
                        items.append(item)
                    }
                }
            }
            return items
        },
    )

    private static let spans = unsafe ProtoCodec<[OTLPItem]>(
        otlp__v1__export_trace_service_request__init,
        { (request: Otlp__V1__ExportTraceServiceRequest) in
            var items: [OTLPItem] = []
            unsafe Self.each(request.resource_spans, request.n_resource_spans) { group in
                let resource = unsafe Self.attributes(of: group.resource)
                unsafe Self.each(group.scope_spans, group.n_scope_spans) { scope in
                    unsafe Self.each(scope.spans, scope.n_spans) { span in
                        var item = unsafe Self.item(span)
                        item.resource = resource
                        unsafe Self.add(scope.scope, to: &item)
                        items.append(item)
                    }
                }
            }
            return items
        },
    )

    @unsafe private static func item(_ record: Otlp__V1__LogRecord) -> OTLPItem {
        var item = OTLPItem(.log)
        unsafe item.timeNanoseconds = record.time_unix_nano
        unsafe item.laterNanoseconds = record.observed_time_unix_nano
        unsafe item.severity = record.severity_number
        unsafe item.severityText = String(field: record.severity_text)
        unsafe item.body = Self.value(record.body)
        unsafe item.attributes = Self.attributes(record.attributes, record.n_attributes)
        unsafe item.traceID = record.trace_id.bytes
        unsafe item.spanID = record.span_id.bytes
        unsafe item.name = String(field: record.event_name)
        return item
    }

    @unsafe private static func item(_ span: Otlp__V1__Span) -> OTLPItem {
        var item = OTLPItem(.span)
        unsafe item.timeNanoseconds = span.start_time_unix_nano
        unsafe item.laterNanoseconds = span.end_time_unix_nano
        unsafe item.attributes = Self.attributes(span.attributes, span.n_attributes)
        unsafe item.traceID = span.trace_id.bytes
        unsafe item.spanID = span.span_id.bytes
        unsafe item.parentID = span.parent_span_id.bytes
        unsafe item.name = String(field: span.name)
        unsafe item.kind = span.kind
        if let status = unsafe span.status {
            unsafe item.statusCode = status.pointee.code
            unsafe item.statusMessage = String(field: status.pointee.message)
        }
        unsafe Self.each(span.events, span.n_events) { event in
            item.events.append(
                OTLPItem.Event(
                    timeNanoseconds: unsafe event.time_unix_nano,
                    name: unsafe String(field: event.name),
                    attributes: unsafe Self.attributes(event.attributes, event.n_attributes),
                )
            )
        }
        return item
    }

    @unsafe private static func add(
        _ scope: UnsafeMutablePointer<Otlp__V1__InstrumentationScope>?,
        to item: inout OTLPItem,
    ) {
        guard let scope = unsafe scope else { return }
        unsafe item.scopeName = String(field: scope.pointee.name)
        unsafe item.scopeVersion = String(field: scope.pointee.version)
    }

    @unsafe private static func attributes(of resource: UnsafeMutablePointer<Otlp__V1__Resource>?) -> [OTLPAttribute] {
        guard let resource = unsafe resource?.pointee else { return [] }
        return unsafe Self.attributes(resource.attributes, resource.n_attributes)
    }

    @unsafe private static func attributes(
        _ pointers: UnsafeMutablePointer<UnsafeMutablePointer<Otlp__V1__KeyValue>?>?,
        _ count: Int,
    ) -> [OTLPAttribute] {
        var attributes: [OTLPAttribute] = []
        attributes.reserveCapacity(count)
        unsafe Self.each(pointers, count) { attribute in
            attributes.append(
                unsafe OTLPAttribute(key: String(field: attribute.key), value: Self.value(attribute.value))
            )
        }
        return attributes
    }

    /// Recurses as deep as the message is nested, which was checked.
    @unsafe private static func value(_ pointer: UnsafeMutablePointer<Otlp__V1__AnyValue>?) -> OTLPValue {
        guard let value = unsafe pointer?.pointee else { return .null }
        switch unsafe value.value_case {
        case OTLP__V1__ANY_VALUE__VALUE_STRING_VALUE: return unsafe .string(String(field: value.string_value))
        case OTLP__V1__ANY_VALUE__VALUE_BOOL_VALUE: return unsafe .bool(value.bool_value != 0)
        case OTLP__V1__ANY_VALUE__VALUE_INT_VALUE: return unsafe .int(value.int_value)
        case OTLP__V1__ANY_VALUE__VALUE_DOUBLE_VALUE: return unsafe .double(value.double_value)
        case OTLP__V1__ANY_VALUE__VALUE_ARRAY_VALUE:
            guard let array = unsafe value.array_value?.pointee else { return .array([]) }
            return unsafe .array((0..<array.n_values).map { unsafe Self.value(array.values[$0]) })
        case OTLP__V1__ANY_VALUE__VALUE_KVLIST_VALUE:
            guard let list = unsafe value.kvlist_value?.pointee else { return .list([]) }
            return unsafe .list(Self.attributes(list.values, list.n_values))
        case OTLP__V1__ANY_VALUE__VALUE_BYTES_VALUE: return unsafe .bytes(value.bytes_value.bytes)
        default: return .null
        }
    }

    /// Visits the elements of a repeated message field.
    @unsafe private static func each<Generated>(
        _ pointers: UnsafeMutablePointer<UnsafeMutablePointer<Generated>?>?,
        _ count: Int,
        _ visit: (Generated) -> Void,
    ) {
        for position in 0..<count {
            if let element = unsafe pointers?[position]?.pointee { visit(element) }
        }
    }
}
