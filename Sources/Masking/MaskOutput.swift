internal import Primitives

/// The masked text while it is made: what does not change is copied in long pieces, or not at all.
struct MaskOutput {
    private let masker: Masker
    private let subjects: [String: [UInt8]]
    private var bytes: [UInt8] = []
    /// Up to where the source has been copied to ``bytes``.
    private var copied = 0
    private var findings: [Finding] = []

    init(_ masker: Masker, subjects: [String: [UInt8]]) {
        self.masker = masker
        self.subjects = subjects
    }

    /// The whole text; `source` itself when nothing was replaced.
    consuming func finish(_ source: [UInt8]) -> [UInt8] {
        guard self.copied > 0 else { return source }
        self.bytes.append(contentsOf: source[self.copied...])
        return self.bytes
    }

    /// Masks what is found in `range` of `source`.
    ///
    /// - Parameters:
    ///   - names: the path of the field.
    ///   - field: its name.
    mutating func text(
        _ source: Span<UInt8>,
        _ range: Range<Int>,
        names: [UInt64],
        field: FieldName,
    ) throws(IndelibleError) {
        self.scan(source, range, field)
        for finding in self.findings {
            guard let rule = self.masker.table.rule(for: finding.type, at: names) else { continue }
            try self.replace(source, finding.range, rule, quotes: false)
        }
    }

    /// Masks a JSON number when all of it is something; a string takes its place.
    mutating func number(
        _ source: Span<UInt8>,
        _ range: Range<Int>,
        names: [UInt64],
        field: FieldName,
    ) throws(IndelibleError) {
        self.scan(source, range, field)
        guard let finding = self.findings.first, finding.range == range,
            let rule = self.masker.table.rule(for: finding.type, at: names)
        else { return }
        try self.replace(source, range, rule, quotes: true)
    }

    /// Masks the inside of a JSON string that has escapes: what it means is scanned, and written anew when something is found.
    mutating func escaped(
        _ source: Span<UInt8>,
        _ range: Range<Int>,
        meaning: [UInt8],
        names: [UInt64],
        hints: Hints,
    ) throws(IndelibleError) {
        self.scan(meaning.span, 0..<meaning.count, .known(hints))
        var done = 0
        for finding in self.findings {
            guard let rule = self.masker.table.rule(for: finding.type, at: names) else { continue }
            if done == 0 { self.copy(source, upTo: range.lowerBound) }
            JSONEscapes.append(meaning[done..<finding.range.lowerBound], to: &self.bytes)
            try self.append(rule, Array(meaning[finding.range]))
            done = finding.range.upperBound
        }
        guard done > 0 else { return }
        JSONEscapes.append(meaning[done...], to: &self.bytes)
        self.copied = range.upperBound
    }

    /// Puts what stands in `range` into the findings.
    private mutating func scan(_ source: Span<UInt8>, _ range: Range<Int>, _ field: FieldName) {
        self.findings.removeAll(keepingCapacity: true)
        self.masker.table.scanner.scan(source, in: range, field: field, into: &self.findings)
    }

    /// Masks all of `range`.
    ///
    /// - Parameter quotes: it stands where JSON wants a string around the token.
    mutating func replace(
        _ source: Span<UInt8>,
        _ range: Range<Int>,
        _ rule: Int,
        quotes: Bool,
        meaning: [UInt8]? = nil,
    ) throws(IndelibleError) {
        self.copy(source, upTo: range.lowerBound)
        let quote = UInt8(ascii: "\"")
        if quotes { self.bytes.append(quote) }
        try self.append(rule, meaning ?? range.map { source[$0] })
        if quotes { self.bytes.append(quote) }
        self.copied = range.upperBound
    }

    private mutating func append(_ rule: Int, _ value: [UInt8]) throws(IndelibleError) {
        let token = try self.masker.token(rule, value, subjects: self.subjects)
        self.bytes.append(contentsOf: token.utf8)
    }

    private mutating func copy(_ source: Span<UInt8>, upTo end: Int) {
        if self.bytes.isEmpty { self.bytes.reserveCapacity(source.count + 256) }
        let piece = source.extracting(self.copied..<end)
        unsafe piece.withUnsafeBufferPointer { unsafe self.bytes.append(contentsOf: $0) }
        self.copied = end
    }
}
