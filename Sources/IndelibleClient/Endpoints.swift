import JSONText
package import Primitives

/// Where a running suite can be reached: the content of `endpoints.json`.
///
/// Fields are only added.
package struct Endpoints: Sendable, Equatable {
    package var origin: String
    package var logVKey: String
    package var witnessVKeys: [String]
    /// `host:port`.
    package var ledgerRPC: String
    /// `http://host:port`.
    package var tilesHTTP: String
    package var ingestRPC: String
    /// `http://host:port`; takes events in, and serves health and metrics.
    package var ingestHTTP: String
    /// `http://host:port` for OpenTelemetry; `nil` when none is taken in.
    package var otlpHTTP: String?
    package var witnessHTTP: [String]
    /// `host:port` of each witness that answers over RPC.
    package var witnessRPC: [String] = []
    /// Service to base URL of its `/metrics` and `/healthz`.
    package var metricsHTTP: [(process: String, url: String)]
    package var processIdentifiers: [(process: String, pid: Int32)]
    /// The operator's root key; `nil` when the suite has none.
    package var operatorVKey: String?
    /// Keys of the collectors whose seals count.
    package var collectorVKeys: [String] = []
    /// Whether starts, stops, keys and accesses are written into the log.
    package var recordsItself = true

    package static func == (left: Endpoints, right: Endpoints) -> Bool { left.text == right.text }

    package init(
        origin: String,
        logVKey: String,
        witnessVKeys: [String],
        ledgerRPC: String,
        tilesHTTP: String,
        ingestRPC: String,
        ingestHTTP: String,
        otlpHTTP: String?,
        witnessHTTP: [String],
        metricsHTTP: [(process: String, url: String)],
        processIdentifiers: [(process: String, pid: Int32)],
    ) {
        self.origin = origin
        self.logVKey = logVKey
        self.witnessVKeys = witnessVKeys
        self.ledgerRPC = ledgerRPC
        self.tilesHTTP = tilesHTTP
        self.ingestRPC = ingestRPC
        self.ingestHTTP = ingestHTTP
        self.otlpHTTP = otlpHTTP
        self.witnessHTTP = witnessHTTP
        self.metricsHTTP = metricsHTTP
        self.processIdentifiers = processIdentifiers
    }

    /// - Throws: ``IndelibleError/Code/invalidArgument`` when `bytes` is not such an object.
    package init(parsing bytes: [UInt8]) throws(IndelibleError) {
        let value = try JSONValue(parsing: bytes, what: "endpoints.json")
        func text(_ key: String) throws(IndelibleError) -> String {
            guard let text = value[key]?.string else {
                throw IndelibleError(.invalidArgument, "endpoints.json has no \(key). Run `indelible up` again.")
            }
            return text
        }
        self.origin = try text("origin")
        self.logVKey = try text("log_vkey")
        self.ledgerRPC = try text("ledger_rpc")
        self.tilesHTTP = try text("tiles_http")
        self.ingestRPC = try text("ingest_rpc")
        self.ingestHTTP = try text("ingest_http")
        self.otlpHTTP = value["otlp_http"]?.string
        self.witnessVKeys = value["witness_vkeys"]?.array?.compactMap(\.string) ?? []
        self.witnessHTTP = value["witness_http"]?.array?.compactMap(\.string) ?? []
        self.witnessRPC = value["witness_rpc"]?.array?.compactMap(\.string) ?? []
        self.metricsHTTP =
            value["metrics_http"]?.object?.members.compactMap { member in
                member.value.string.map { (member.key, $0) }
            } ?? []
        self.processIdentifiers =
            value["pids"]?.object?.members.compactMap { member in
                member.value.number?.int.flatMap { Int32(exactly: $0) }.map { (member.key, $0) }
            } ?? []
        self.operatorVKey = value["operator_vkey"]?.string
        self.collectorVKeys = value["collector_vkeys"]?.array?.compactMap(\.string) ?? []
        self.recordsItself = value["own_records"]?.bool ?? true
    }

    package var text: String {
        var writer = JSONWriter(.pretty)
        writer.object { writer in
            writer.member("origin", self.origin)
            writer.member("log_vkey", self.logVKey)
            writer.key("witness_vkeys")
            writer.array { for key in self.witnessVKeys { $0.string(key) } }
            if let operatorVKey {
                writer.member("operator_vkey", operatorVKey)
            }
            writer.key("collector_vkeys")
            writer.array { for key in self.collectorVKeys { $0.string(key) } }
            writer.member("own_records", self.recordsItself)
            writer.member("ledger_rpc", self.ledgerRPC)
            writer.member("tiles_http", self.tilesHTTP)
            writer.member("ingest_rpc", self.ingestRPC)
            writer.member("ingest_http", self.ingestHTTP)
            writer.key("otlp_http")
            if let otlpHTTP = self.otlpHTTP { writer.string(otlpHTTP) } else { writer.null() }
            writer.key("witness_http")
            writer.array { for url in self.witnessHTTP { $0.string(url) } }
            writer.key("witness_rpc")
            writer.array { for address in self.witnessRPC { $0.string(address) } }
            writer.member("metrics_http") {
                for (process, url) in self.metricsHTTP {
                    $0.member(process, url)
                }
            }
            writer.member("pids") {
                for (process, pid) in self.processIdentifiers {
                    $0.member(process, pid)
                }
            }
        }
        return writer.text + "\n"
    }
}
