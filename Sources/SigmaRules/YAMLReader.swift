/// Builds the trees of a YAML file's documents, within ``SigmaLimits``.
struct YAMLReader: ~Copyable {
    struct Document {
        /// The line on which it begins, its mark included, from 1.
        let line: Int
        let root: YAMLNode
    }

    private var parser: YAMLParser
    private var nodeCount = 0

    /// - Throws: ``SigmaError`` for what is not YAML, is too large, too deep, or names a key twice.
    static func documents(_ bytes: [UInt8]) throws(SigmaError) -> [Document] {
        guard bytes.count <= SigmaLimits.fileByteCountMax else {
            throw SigmaError(0, "It has more than \(SigmaLimits.fileByteCountMax) bytes. Split it into several files.")
        }
        guard !bytes.contains(0) else { throw SigmaError(0, "It holds a zero byte, so it is no text. Remove it.") }
        var reader = YAMLReader(parser: try YAMLParser(bytes))
        var documents: [Document] = []
        while true {
            let (event, line) = try reader.parser.next()
            switch event {
            case .documentStart:
                let (first, firstLine) = try reader.parser.next()
                documents.append(Document(line: line, root: try reader.node(first, firstLine, depth: 0)))
            case .documentEnd: continue
            case .end: return documents
            default: throw SigmaError(line, "It is not a YAML document. Correct it there.")
            }
        }
    }

    private init(parser: consuming YAMLParser) { self.parser = parser }

    private mutating func node(_ event: YAMLParser.Event, _ line: Int, depth: Int) throws(SigmaError) -> YAMLNode {
        self.nodeCount += 1
        guard self.nodeCount <= SigmaLimits.nodeCountMax else {
            throw SigmaError(line, "It has more than \(SigmaLimits.nodeCountMax) values. Split it into several files.")
        }
        guard depth <= SigmaLimits.depthMax else {
            throw SigmaError(line, "Its lists and maps are nested more than \(SigmaLimits.depthMax) deep. Flatten it.")
        }
        switch event {
        case .scalar(let text, let isPlain): return YAMLNode(line: line, value: .scalar(text, isPlain: isPlain))
        case .sequenceStart: return YAMLNode(line: line, value: .sequence(try self.sequence(depth)))
        case .mappingStart: return YAMLNode(line: line, value: .mapping(try self.mapping(depth)))
        default: throw SigmaError(line, "A value is missing here. Write one.")
        }
    }

    private mutating func sequence(_ depth: Int) throws(SigmaError) -> [YAMLNode] {
        var nodes: [YAMLNode] = []
        while true {
            let (event, line) = try self.parser.next()
            if case .sequenceEnd = event { return nodes }
            guard nodes.count < SigmaLimits.itemCountMax else {
                throw SigmaError(line, "A list has more than \(SigmaLimits.itemCountMax) values. Split the rule.")
            }
            nodes.append(try self.node(event, line, depth: depth + 1))
        }
    }

    private mutating func mapping(_ depth: Int) throws(SigmaError) -> [YAMLNode.Member] {
        var members: [YAMLNode.Member] = []
        var keys: Set<String> = []
        while true {
            let (event, line) = try self.parser.next()
            if case .mappingEnd = event { return members }
            guard case .scalar(let key, _) = event else {
                throw SigmaError(line, "A key is a list or a map. Use a text.")
            }
            guard keys.insert(key).inserted else {
                throw SigmaError(line, "The key \(key.debugDescription) occurs twice in one map. Remove one.")
            }
            let (value, valueLine) = try self.parser.next()
            members.append(
                YAMLNode.Member(key: key, line: line, value: try self.node(value, valueLine, depth: depth + 1))
            )
        }
    }
}
