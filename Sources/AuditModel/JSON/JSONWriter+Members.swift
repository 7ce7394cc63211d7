internal import JSONText
internal import Primitives

/// Members as the JSON view of entries has them: one that says nothing is left out.
extension JSONWriter {
    mutating func memberIfAny(_ key: String, _ text: String) {
        guard !text.isEmpty else { return }
        self.member(key, text)
    }

    mutating func memberIfAny(_ key: String, _ number: some FixedWidthInteger) {
        guard number != 0 else { return }
        self.member(key, number)
    }

    /// Bytes as hexadecimal.
    mutating func memberIfAny(_ key: String, hex bytes: [UInt8]) {
        self.memberIfAny(key, Hex.encode(bytes))
    }

    mutating func memberIfAny(_ key: String, _ digest: Digest?) {
        if let digest { self.memberIfAny(key, digest.hex) }
    }

    /// Nanoseconds since the Unix epoch as an RFC 3339 time.
    mutating func memberIfAny(_ key: String, time nanoseconds: UInt64) {
        guard nanoseconds != 0 else { return }
        self.memberIfAny(key, TimeText.rfc3339(nanoseconds: nanoseconds))
    }

    /// A list of objects; left out when there are none.
    mutating func memberIfAny<Element>(
        _ key: String,
        each elements: [Element],
        _ content: (Element, inout JSONWriter) -> Void,
    ) {
        guard !elements.isEmpty else { return }
        self.key(key)
        self.array { writer in
            for element in elements { writer.object { content(element, &$0) } }
        }
    }

    /// A record as the source made it: text when it is UTF-8, else Base64 under another key.
    mutating func memberIfAny(_ key: String, record bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        if let text = String(validating: bytes, as: UTF8.self) {
            self.memberIfAny(key, text)
        } else {
            self.memberIfAny("\(key)_base64", Base64.encode(bytes))
        }
    }
}
