internal import CYaml

/// libyaml's stream of events, of which the ones that rules have no use for are refused: aliases, anchors and tags.
@safe struct YAMLParser: ~Copyable {
    enum Event {
        case documentStart, documentEnd, sequenceStart, sequenceEnd, mappingStart, mappingEnd, end
        case scalar(String, isPlain: Bool)
    }

    private let parser: UnsafeMutablePointer<yaml_parser_t>
    /// The parser reads from it as long as it lives.
    private let input: UnsafeMutableBufferPointer<UInt8>

    /// - Throws: ``SigmaError`` without memory.
    init(_ bytes: [UInt8]) throws(SigmaError) {
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        guard unsafe yaml_parser_initialize(parser) == 1 else {
            unsafe parser.deallocate()
            throw SigmaError(0, "libyaml has no memory. Free some.")
        }
        unsafe self.parser = parser
        unsafe self.input = .allocate(capacity: max(1, bytes.count))
        _ = unsafe self.input.initialize(from: bytes)
        unsafe yaml_parser_set_input_string(parser, self.input.baseAddress, bytes.count)
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    }

    deinit {
        unsafe yaml_parser_delete(self.parser)
        unsafe self.parser.deallocate()
        unsafe self.input.deallocate()
    }

    /// - Returns: the next event and its line, from 1.
    /// - Throws: ``SigmaError`` where the text is not YAML, or of a kind that is refused.
    mutating func next() throws(SigmaError) -> (event: Event, line: Int) {
        var event = unsafe yaml_event_t()
        while true {
            guard unsafe yaml_parser_parse(self.parser, &event) == 1 else { throw unsafe self.failure() }
            defer { unsafe yaml_event_delete(&event) }
            let line = Int(unsafe event.start_mark.line) + 1
            guard let known = try unsafe Self.event(event, line) else { continue }
            return (known, line)
        }
    }

    /// - Returns: `nil` for one that says nothing.
    @unsafe private static func event(_ event: yaml_event_t, _ line: Int) throws(SigmaError) -> Event? {
        switch unsafe event.type {
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        case YAML_STREAM_END_EVENT: return .end
        case YAML_ALIAS_EVENT:
            throw SigmaError(line, "It uses an alias (*name), which is not read. Write the value out.")
        case YAML_SEQUENCE_START_EVENT:
            let start = unsafe event.data.sequence_start
            try unsafe Self.refuse(anchor: start.anchor, tag: start.tag, line)
            return .sequenceStart
        case YAML_MAPPING_START_EVENT:
            let start = unsafe event.data.mapping_start
            try unsafe Self.refuse(anchor: start.anchor, tag: start.tag, line)
            return .mappingStart
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            try unsafe Self.refuse(anchor: scalar.anchor, tag: scalar.tag, line)
            let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let text = unsafe String(decoding: bytes, as: UTF8.self)
            return .scalar(text, isPlain: unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE)
        default: return nil
        }
    }

    @unsafe private static func refuse(
        anchor: UnsafeMutablePointer<yaml_char_t>?,
        tag: UnsafeMutablePointer<yaml_char_t>?,
        _ line: Int,
    ) throws(SigmaError) {
        guard unsafe anchor == nil, unsafe tag == nil else {
            throw SigmaError(line, "It has an anchor (&name) or a tag (!name), which are not read. Leave it out.")
        }
    }

    @unsafe private func failure() -> SigmaError {
        let parser = unsafe self.parser.pointee
        let problem = unsafe parser.problem.map { unsafe String(cString: $0) } ?? "it cannot be read"
        return SigmaError(Int(unsafe parser.problem_mark.line) + 1, "It is not YAML: \(problem). Correct it there.")
    }
}
