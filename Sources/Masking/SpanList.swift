internal import AuditModel

/// Spans of an event, which has room for so many.
struct SpanList {
    /// Spans of one event.
    ///
    /// What is masked beyond them widens the last one, whose rule then is ``several``.
    static let countMax = 128
    static let several = "several"

    private(set) var spans: [AuditEvent.MaskSpan]

    init(_ spans: [AuditEvent.MaskSpan] = []) { self.spans = spans }

    /// Notes every token in a masked text.
    ///
    /// - Parameters:
    ///   - path: how spans call the text.
    ///   - isChanged: what the list has of it is not true any more.
    mutating func record(_ text: [UInt8], at path: String, isChanged: Bool) {
        if isChanged { self.spans.removeAll { $0.path == path } }
        let bytes = text.span
        var position = 0
        while position < text.count {
            guard text[position] == UInt8(ascii: "["),
                let end = MaskToken.end(bytes, at: position, before: text.count)
            else {
                position += 1
                continue
            }
            let (rule, action) = MaskToken.meaning(bytes, position..<end)
            self.append(
                .init(
                    path: path,
                    offset: UInt32(clamping: position),
                    byteCount: UInt32(clamping: end - position),
                    rule: rule,
                    action: action,
                )
            )
            position = end
        }
    }

    private mutating func append(_ span: AuditEvent.MaskSpan) {
        guard !self.spans.contains(span) else { return }
        guard self.spans.count >= Self.countMax, let last = self.spans.last else { return self.spans.append(span) }
        let isSame = last.path == span.path
        self.spans[self.spans.count - 1] = .init(
            path: isSame ? span.path : "",
            offset: isSame ? last.offset : 0,
            byteCount: isSame ? span.offset + span.byteCount - last.offset : 0,
            rule: Self.several,
            action: last.action == span.action ? span.action : "",
        )
    }
}
