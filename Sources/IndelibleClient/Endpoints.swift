internal import JSONText
package import Primitives
package import Storage

/// Where the services of a suite are: `endpoints.json`, as `indelible up` writes it.
package struct Endpoints: Sendable, Equatable {
    package static let fileName = "endpoints.json"
    package static let byteCountMax = 1 << 20

    /// Name of the log.
    package var origin: String
    package var logVerifierKey: String
    package var witnessVerifierKeys: [String]
    /// `host:port`.
    package var ledger: String
    /// `host:port`.
    package var ingest: String
    /// A URL.
    package var tiles: String

    /// - Throws: ``IndelibleError/Code/invalidArgument`` when it is not JSON or lacks a member.
    package init(json: [UInt8]) throws(IndelibleError) {
        let value = try JSONValue(parsing: json, what: Self.fileName)
        func text(_ key: String) throws(IndelibleError) -> String {
            guard let text = value[key]?.string else {
                throw IndelibleError(
                    .invalidArgument,
                    "\(Self.fileName) has no text named \(key). Start the suite again with `indelible up`.",
                )
            }
            return text
        }
        self.origin = try text("origin")
        self.logVerifierKey = try text("log_vkey")
        self.witnessVerifierKeys = (value["witness_vkeys"]?.array ?? []).compactMap(\.string)
        self.ledger = try text("ledger_rpc")
        self.ingest = try text("ingest_rpc")
        self.tiles = try text("tiles_http")
    }

    /// Reads the file in a suite's directory.
    ///
    /// - Parameter files: rooted at that directory.
    /// - Throws: ``IndelibleError/Code/unavailable`` when there is none.
    package init(in files: any FileSystem) throws(IndelibleError) {
        guard let json = try files.readAll(Self.fileName, byteCountMax: Self.byteCountMax) else {
            throw IndelibleError(
                .unavailable,
                "There is no \(Self.fileName) in that directory. Start the suite with `indelible up --data DIR`.",
            )
        }
        try self.init(json: json)
    }
}
