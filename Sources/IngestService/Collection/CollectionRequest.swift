package import NIOHTTP1
import Primitives
import ServiceKit

/// A request to an adapter: whole, decompressed, within the limits.
package struct CollectionRequest: Sendable {
    /// What follows the adapter's path, without the slash between them.
    package let rest: String
    package let headers: HTTPHeaders
    package let body: [UInt8]
    /// Nanoseconds since the Unix epoch.
    package let receivedNanoseconds: UInt64
    private let queryText: String

    package init(rest: String, query: String, headers: HTTPHeaders, body: [UInt8], receivedNanoseconds: UInt64) {
        self.rest = rest
        self.queryText = query
        self.headers = headers
        self.body = body
        self.receivedNanoseconds = receivedNanoseconds
    }

    /// The same request with another body.
    func with(body: [UInt8]) -> CollectionRequest {
        CollectionRequest(
            rest: self.rest,
            query: self.queryText,
            headers: self.headers,
            body: body,
            receivedNanoseconds: self.receivedNanoseconds,
        )
    }

    package func header(_ name: String) -> String? { self.headers.first(name: name) }

    /// The media type without parameters, in lower case; empty when there is none.
    package var mediaType: String {
        let value = self.header("Content-Type") ?? ""
        return value.prefix { $0 != ";" }.trimmed.lowercased()
    }

    /// The first value of a query's name, decoded.
    package func query(_ name: String) -> String? {
        for item in self.queryText.split(separator: "&") {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, parts[0] == name { return Self.decoded(parts[1]) }
        }
        return nil
    }

    /// Undoes percent-encoding (RFC 3986, section 2.1); what is not encoded so stays as it is.
    package static func decoded(_ text: some StringProtocol) -> String {
        let bytes = Array(text.utf8)
        var decoded: [UInt8] = []
        var position = 0
        while position < bytes.count {
            let digits = position + 2 < bytes.count ? bytes[position + 1...position + 2] : []
            if bytes[position] == UInt8(ascii: "%"),
                let byte = Hex.decode(String(decoding: digits, as: UTF8.self))?.first
            {
                decoded.append(byte)
                position += 3
            } else {
                decoded.append(bytes[position])
                position += 1
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }
}

extension StringProtocol {
    /// Without spaces and tabs at both ends.
    package var trimmed: String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        return String(self.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
    }
}
