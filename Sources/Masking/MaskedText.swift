package import AuditModel

/// A text after masking.
package struct MaskedText: Sendable, Equatable {
    package var bytes: [UInt8]
    package var spans: [AuditEvent.MaskSpan]

    /// Whether anything was masked, now or before.
    package var isMasked: Bool { !self.spans.isEmpty }

    package init(bytes: [UInt8], spans: [AuditEvent.MaskSpan]) {
        self.bytes = bytes
        self.spans = spans
    }
}
