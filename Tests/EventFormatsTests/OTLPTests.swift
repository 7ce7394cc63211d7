import AuditModel
import EventFormats
import Primitives
import ProtobufC
import Testing

/// Goal: both encodings of OTLP tell the same event, with who, what, to what and how it ended; hostile ones are refused.
///
/// Method: the same request written twice, once in JSON and once field by field in protobuf.
@Suite struct OTLPTests {
    private static let json = """
        {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},
        "scopeLogs":[{"scope":{"name":"audit","version":"2"},"logRecords":[{"timeUnixNano":"1700000000000000001",
        "severityNumber":9,"severityText":"INFO","body":{"stringValue":"done"},"traceId":"000102030405060708090a0b0c0d0e0f",
        "attributes":[{"key":"event.name","value":{"stringValue":"Order.Refund"}},
        {"key":"enduser.id","value":{"stringValue":"alice"}},{"key":"target.id","value":{"intValue":"42"}},
        {"key":"event.outcome","value":{"stringValue":"denied"}},{"key":"deep","value":{"arrayValue":{"values":[
        {"boolValue":true},{"kvlistValue":{"values":[{"key":"k","value":{"doubleValue":1.5}}]}}]}}}]}]}]}]}
        """

    private static func message(_ number: UInt32, _ write: (inout ProtoWriter) -> Void, in writer: inout ProtoWriter) {
        var inner = ProtoWriter()
        write(&inner)
        writer.always(number, inner.bytes)
    }

    private static func attribute(
        _ key: String,
        in writer: inout ProtoWriter,
        _ number: UInt32,
        _ value: (inout ProtoWriter) -> Void,
    ) {
        Self.message(
            number,
            { inner in
                inner.text(1, key)
                Self.message(2, value, in: &inner)
            },
            in: &writer,
        )
    }

    private static var protobuf: [UInt8] {
        var request = ProtoWriter()
        Self.message(
            1,
            { group in
                Self.message(1, { Self.attribute("service.name", in: &$0, 1) { $0.text(1, "shop") } }, in: &group)
                Self.message(
                    2,
                    { scope in
                        Self.message(
                            1,
                            {
                                $0.text(1, "audit"); $0.text(2, "2")
                            },
                            in: &scope,
                        )
                        Self.message(
                            2,
                            { record in
                                record.fixed64(1, 1_700_000_000_000_000_001)
                                record.varint(2, 9)
                                record.text(3, "INFO")
                                Self.message(5, { $0.text(1, "done") }, in: &record)
                                Self.attribute("event.name", in: &record, 6) { $0.text(1, "Order.Refund") }
                                Self.attribute("enduser.id", in: &record, 6) { $0.text(1, "alice") }
                                Self.attribute("target.id", in: &record, 6) { $0.varint(3, 42) }
                                Self.attribute("event.outcome", in: &record, 6) { $0.text(1, "denied") }
                                Self.attribute("deep", in: &record, 6) { value in
                                    Self.message(
                                        5,
                                        { array in
                                            Self.message(1, { $0.varint(2, 1) }, in: &array)
                                            Self.message(
                                                1,
                                                { element in
                                                    Self.message(
                                                        6,
                                                        { list in
                                                            Self.attribute("k", in: &list, 1) { value in
                                                                // double_value is a 64-bit field, as fixed64 is.
                                                                value.fixed64(4, (1.5).bitPattern)
                                                            }
                                                        },
                                                        in: &element,
                                                    )
                                                },
                                                in: &array,
                                            )
                                        },
                                        in: &value,
                                    )
                                }
                                record.bytes(9, Array(0..<16))
                            },
                            in: &scope,
                        )
                    },
                    in: &group,
                )
            },
            in: &request,
        )
        return request.bytes
    }

    private static func event(_ item: OTLPItem) throws -> AuditEvent {
        try item.event(EventNormalizer(), number: 0, receivedNanoseconds: 7, seed: [1]).event
    }

    @Test func bothEncodingsTellTheSame() throws {
        let fromJSON = try OTLPJSON.items(.log, Array(Self.json.utf8))
        let fromProtobuf = try OTLPProtobuf.items(.log, Self.protobuf)
        #expect(fromJSON == fromProtobuf)
        let event = try Self.event(try #require(fromJSON.first))
        #expect(event.actor == AuditEvent.Actor(id: "alice", kind: .user))
        #expect(event.action == "order.refund")
        #expect(event.targets == [AuditEvent.Target(id: "42")])
        #expect(event.outcome.result == .denied)
        #expect(event.source == "otlp/shop")
        #expect(event.occurredNanoseconds == 1_700_000_000_000_000_001)
        #expect(event.origin.trace == "000102030405060708090a0b0c0d0e0f")
        #expect(event.format == "otlp.log")
        let raw = String(decoding: event.raw, as: UTF8.self)
        #expect(raw.contains(#""deep":[true,{"k":1.5}]"#) && raw.contains(#""body":"done""#))
    }

    @Test func aCallOfAModelIsOne() throws {
        let json = """
            {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0f","name":"chat m","startTimeUnixNano":"1700000000000000000",
            "attributes":[{"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},
            {"key":"gen_ai.provider.name","value":{"stringValue":"openai"}},
            {"key":"gen_ai.request.model","value":{"stringValue":"m-1"}},{"key":"enduser.id","value":{"stringValue":"eve"}},
            {"key":"gen_ai.usage.input_tokens","value":{"intValue":"12"}},
            {"key":"gen_ai.response.finish_reasons","value":{"arrayValue":{"values":[{"stringValue":"stop"}]}}}],
            "status":{"code":2,"message":"broke off"}}]}]}]}
            """
        let event = try Self.event(try #require(OTLPJSON.items(.span, Array(json.utf8)).first))
        #expect(event.action == "genai.chat" && event.actor.id == "eve")
        #expect(event.genAI?.model == "m-1" && event.genAI?.provider == "openai" && event.genAI?.inputTokens == 12)
        #expect(event.genAI?.finishReasons == ["stop"])
        #expect(event.outcome.result == .failure && event.outcome.reason == "broke off")
        #expect(event.occurredNanoseconds == 1_700_000_000_000_000_000)
    }

    /// Nested as often as `depth` says, in protobuf.
    private static func nested(_ depth: Int) -> [UInt8] {
        var value = ProtoWriter()
        value.text(1, "end")
        for _ in 0..<depth {
            var array = ProtoWriter()
            array.always(1, value.bytes)
            var outer = ProtoWriter()
            outer.always(5, array.bytes)
            value = outer
        }
        var bytes = value.bytes
        for number in [5, 2, 2, 1] as [UInt32] {
            var outer = ProtoWriter()
            outer.always(number, bytes)
            bytes = outer.bytes
        }
        return bytes
    }

    @Test func refusesWhatIsNested() throws {
        #expect(try OTLPProtobuf.items(.log, Self.nested(20)).count == 1)
        let error = #expect(throws: IndelibleError.self) { try OTLPProtobuf.items(.log, Self.nested(100)) }
        #expect(error?.code == .invalidArgument)
        let deep = String(repeating: "[", count: 1_000)
        #expect(throws: IndelibleError.self) { try OTLPJSON.items(.log, Array("{\"resourceLogs\":\(deep)".utf8)) }
    }

    /// Whatever byte is wrong, there is an answer.
    @Test func readsDamagedBytesWithoutHarm() {
        let bytes = Self.protobuf
        var refusals = 0
        for position in bytes.indices {
            var damaged = bytes
            damaged[position] ^= 0xff
            do throws(IndelibleError) {
                _ = try OTLPProtobuf.items(.log, damaged)
                _ = try OTLPProtobuf.items(.span, Array(damaged[..<position]))
            } catch {
                #expect(error.code == .invalidArgument || error.code == .resourceExhausted)
                refusals += 1
            }
        }
        #expect(refusals > bytes.count / 4)
    }
}
