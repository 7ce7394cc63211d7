/// E-mail addresses (the addr-spec of RFC 5322 as it is used, with RFC 6531's characters beyond ASCII).
enum MailAddress {
    /// RFC 5321, section 4.5.3.1.
    private static let localByteCountMax = 64
    private static let domainByteCountMax = 255

    /// The last label of names that look like addresses and are files: `logo@2x.png`.
    private static let fileEndings = NameHash.set("png jpg jpeg gif svg webp css js tgz gz zip html htm json xml txt")

    /// The address around the at sign at `at`.
    static func range(_ text: Span<UInt8>, at: Int, in bounds: Range<Int>) -> Range<Int>? {
        var start = at
        while start > bounds.lowerBound, at - start < Self.localByteCountMax, Self.isLocal(text[start - 1]) {
            start -= 1
        }
        while start < at, text[start] == UInt8(ascii: ".") || text[start] == UInt8(ascii: "'") { start += 1 }
        guard start < at, text[at - 1] != UInt8(ascii: ".") else { return nil }
        var end = at + 1
        var label = end
        var labelCount = 0
        while end < bounds.upperBound, end - at <= Self.domainByteCountMax {
            let byte = text[end]
            if byte == UInt8(ascii: ".") {
                guard end > label, text.byte(end + 1, in: bounds).isWordLike else { break }
                labelCount += 1
                label = end + 1
            } else if !byte.isWordLike, byte != UInt8(ascii: "-") {
                break
            }
            end += 1
        }
        while end > label, text[end - 1] == UInt8(ascii: "-") { end -= 1 }
        guard labelCount > 0, end - label >= 2, text[at + 1] != UInt8(ascii: "-"),
            (label..<end).allSatisfy({ text[$0].isLetter || text[$0] >= 0x80 })
                || text.has("xn--", at: label, before: end),
            !Self.fileEndings.contains(NameHash.of(text, label..<end)), !Self.isRepository(text, start..<end, bounds)
        else { return nil }
        return start..<end
    }

    @inline(__always) private static func isLocal(_ byte: UInt8) -> Bool {
        byte.isWordLike || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "%") || byte == UInt8(ascii: "'")
    }

    /// `git@github.com:owner/name`: where code is, not who someone is.
    private static func isRepository(_ text: Span<UInt8>, _ range: Range<Int>, _ bounds: Range<Int>) -> Bool {
        text.has("git@", at: range.lowerBound, before: range.upperBound)
            && text.byte(range.upperBound, in: bounds) == UInt8(ascii: ":")
    }
}
