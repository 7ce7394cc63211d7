import AuditModel
import Cryptography
import IndelibleClient
import JSONText
import NIOHTTP1
import Primitives
import ProtobufC
import ServiceProtocol

/// What a sender sends at once, again and again until it is answered.
struct SoakBatch: Sendable {
    /// Of the sender's batches, from 0.
    let number: Int
    /// An event's name is its actor in the log.
    let names: [String]
    /// Makes batches large enough to fill a spool.
    let padding: String
}

/// One protocol whose senders are answered, as an ordinary client of it sends: what was not answered is sent again as it was.
struct SoakSender: Sendable {
    enum Answer: Sendable {
        /// All events are safe but those, which can never be taken.
        case told(refused: [String])
        /// Nothing is said to be safe.
        case again(reason: String)
    }

    static let secret = "s3cret"

    let name: String
    let send: @Sendable (HTTPIngest, SoakBatch) async throws -> Answer

    static let all = [
        SoakSender(name: "native", send: Self.native), SoakSender(name: "ndjson", send: Self.lines),
        SoakSender(name: "logs", send: Self.logs), SoakSender(name: "traces", send: Self.traces),
        SoakSender(name: "k8s", send: Self.kubernetes), SoakSender(name: "cloudevents", send: Self.cloudEvents),
        SoakSender(name: "hec", send: Self.splunk), SoakSender(name: "github", send: Self.github),
    ]

    // MARK: - Protocols

    @Sendable private static func native(_ ingest: HTTPIngest, _ batch: SoakBatch) async throws -> Answer {
        let address = try ServiceAddress(parsing: ingest.others["rpc"] ?? "")
        let client = IngestClient(address, software: "system-tests", retry: .none)
        let first = UInt64(batch.number * batch.names.count + 1)
        let events = batch.names.enumerated().map { offset, name in
            var event = TestEvent.event(actor: name, number: first + UInt64(offset))
            event.attributes = [.init(key: "note", value: batch.padding)]
            return event.serialized
        }
        let producer = Producer(id: Array("soak".utf8), epoch: 1)
        let request = SubmitRequest(producer: producer, firstSequence: first, events: events)
        let result: Result<SubmitResponse, any Error>
        do { result = .success(try await client.submit(request)) } catch { result = .failure(error) }
        await client.close()
        return .told(refused: try result.get().rejected.map { batch.names[Int($0.position)] })
    }

    /// Every third batch has a line at its end that is no JSON.
    @Sendable private static func lines(_ ingest: HTTPIngest, _ batch: SoakBatch) async throws -> Answer {
        var lines = batch.names.map { #"{"action":"soak.step","actor":"\#($0)","note":"\#(batch.padding)"}"# }
        if batch.number % 3 == 0 { lines[lines.count - 1].removeLast() }
        let reply = try await ingest.post(
            "/v1/events",
            lines.joined(separator: "\n") + "\n",
            type: "application/x-ndjson",
            ["Idempotency-Key": "batch-\(batch.number)"],
        )
        guard reply.status == 200 || reply.status == 207 else { return try Self.again(reply) }
        let results = try reply.json["results"]?.array ?? []
        guard results.count == batch.names.count else { throw Unexpected("not all are answered: \(reply.text)") }
        return .told(refused: zip(batch.names, results).filter { $1["error"] != nil }.map { $0.0 })
    }

    @Sendable private static func logs(_ ingest: HTTPIngest, _ batch: SoakBatch) async throws -> Answer {
        let records = batch.names.map {
            """
            {"eventName":"soak.step","body":{"stringValue":"\(batch.padding)"},\
            "attributes":[{"key":"user.id","value":{"stringValue":"\($0)"}}]}
            """
        }
        let body = #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[\#(records.joined(separator: ","))]}]}]}"#
        return try await Self.telemetry(ingest, "/v1/logs", body)
    }

    @Sendable private static func traces(_ ingest: HTTPIngest, _ batch: SoakBatch) async throws -> Answer {
        let spans = batch.names.map {
            """
            {"name":"chat","attributes":[{"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},\
            {"key":"gen_ai.request.model","value":{"stringValue":"m-1"}},\
            {"key":"prompt","value":{"stringValue":"\(batch.padding)"}},\
            {"key":"user.id","value":{"stringValue":"\($0)"}}]}
            """
        }
        let body = #"{"resourceSpans":[{"scopeSpans":[{"spans":[\#(spans.joined(separator: ","))]}]}]}"#
        return try await Self.telemetry(ingest, "/v1/traces", body)
    }

    private static func telemetry(_ ingest: HTTPIngest, _ path: String, _ body: String) async throws -> Answer {
        guard let otlp = ingest.otlp else { throw Unexpected("the ingest takes no telemetry") }
        let listener = HTTPIngest(program: ingest.program, http: otlp, otlp: nil)
        let reply = try await listener.post(path, body)
        guard reply.status == 200 else { return try Self.again(reply) }
        guard reply.text == "{}" else { throw Unexpected("not all are taken: \(reply.text)") }
        return .told(refused: [])
    }

    @Sendable private static func kubernetes(_ ingest: HTTPIngest, _ batch: SoakBatch) async throws -> Answer {
        let items = batch.names.map {
            """
            {"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"\($0)","stage":"ResponseComplete","verb":"get",\
            "user":{"username":"\($0)"},"requestURI":"/\(batch.padding)","responseStatus":{"code":200}}
            """
        }
        let body = #"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[\#(items.joined(separator: ","))]}"#
        return try Self.answer(try await ingest.post("/v1/k8s/audit/soak", body))
    }

    @Sendable private static func cloudEvents(_ ingest: HTTPIngest, _ batch: SoakBatch) async throws -> Answer {
        let events = batch.names.map {
            """
            {"specversion":"1.0","id":"\($0)","source":"/soak","type":"soak.step",\
            "data":{"actor":{"id":"\($0)"},"note":"\(batch.padding)"}}
            """
        }
        let type = "application/cloudevents-batch+json"
        let body = "[\(events.joined(separator: ","))]"
        return try Self.answer(try await ingest.post("/v1/cloudevents", body, type: type))
    }

    @Sendable private static func splunk(_ ingest: HTTPIngest, _ batch: SoakBatch) async throws -> Answer {
        let events = batch.names.map {
            #"{"event":{"user":"\#($0)","action":"soak.step","note":"\#(batch.padding)"}}"#
        }
        return try Self.answer(try await ingest.post("/services/collector/event", events.joined()))
    }

    /// GitHub sends one event at a time.
    @Sendable private static func github(_ ingest: HTTPIngest, _ batch: SoakBatch) async throws -> Answer {
        for name in batch.names {
            let body = """
                {"action":"publicized","sender":{"login":"\(name)"},"repository":{"full_name":"o/r"},\
                "note":"\(batch.padding)"}
                """
            let signature = try HMACSHA256.authenticate(Array(body.utf8), key: Array(Self.secret.utf8))
            let headers: HTTPHeaders = [
                "X-Hub-Signature-256": "sha256=\(Hex.encode(signature.bytes))", "X-GitHub-Event": "repository",
                "X-GitHub-Delivery": name,
            ]
            let answer = try Self.answer(try await ingest.post("/v1/github", body, headers))
            guard case .told = answer else { return answer }
        }
        return .told(refused: [])
    }

    // MARK: - Answers

    private static func answer(_ reply: HTTPIngest.Reply) throws -> Answer {
        reply.status == 200 ? .told(refused: []) : try Self.again(reply)
    }

    /// - Throws: ``Unexpected`` for an answer that is no reason to send the same again.
    private static func again(_ reply: HTTPIngest.Reply) throws -> Answer {
        guard [408, 409, 429, 500, 503].contains(reply.status) else {
            throw Unexpected("answered \(reply.status): \(reply.text)")
        }
        return .again(reason: reply.text)
    }
}
