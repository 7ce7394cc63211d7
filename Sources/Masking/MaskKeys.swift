package import Primitives

/// Where a masker gets its keys; nothing of them leaves it but what they make.
package protocol MaskKeys: Sendable {
    /// 32 bytes for pseudonyms: who has them can test guesses, so they stay where the values are seen anyway.
    var pseudonymKey: [UInt8] { get }

    /// The key of a subject, made and kept for good before it is handed out when there is none.
    func key(of subject: [UInt8]) throws(IndelibleError) -> SubjectKey
}

/// The key of one subject, until it is destroyed.
package struct SubjectKey: Sendable, Equatable {
    package static let idByteCount = 16

    /// Random: says which key it was, and nothing about whose.
    package let id: [UInt8]
    /// 32 bytes.
    package let bytes: [UInt8]

    package init(id: [UInt8], bytes: [UInt8]) {
        self.id = id
        self.bytes = bytes
    }
}
