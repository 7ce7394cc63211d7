internal import Cryptography
package import Primitives

extension RuleSet {
    /// Compiles files of rules.
    ///
    /// - Parameters:
    ///   - files: YAML, each with one or more rules; in any order.
    ///   - sources: what `logsource` may name.
    /// - Returns: the set of all that can be used, and why the others cannot.
    /// - Throws: ``IndelibleError/Code/internal`` when hashing fails.
    package static func compile(
        _ files: [File],
        sources: [RuleSource],
    ) throws(IndelibleError) -> (set: RuleSet, refusals: [Refusal]) {
        var compiler = RuleSetCompiler(sources: sources)
        for file in files.sorted(by: { $0.name < $1.name }) { compiler.read(file) }
        return try compiler.finish()
    }
}

/// Gathers rules, and lays them out once all are known.
struct RuleSetCompiler {
    private let sources: [RuleSource]
    private var documents: [RuleDocument] = []
    private var ids: [String: String] = [:]
    private var hashes: [Digest: String] = [:]
    private var refusals: [RuleSet.Refusal] = []

    init(sources: [RuleSource]) { self.sources = sources }

    mutating func read(_ file: RuleSet.File) {
        do throws(SigmaError) {
            let documents = try YAMLReader.documents(file.bytes)
            guard !documents.isEmpty else { throw SigmaError(0, "It holds no rule. Remove it, or write one.") }
            let texts = Self.texts(file.bytes, documents)
            for (document, text) in zip(documents, texts) {
                do throws(SigmaError) { try self.add(RuleDocument(document, text: text, file: file.name)) } catch {
                    self.refuse(file.name, error)
                }
            }
        } catch { self.refuse(file.name, error) }
    }

    private mutating func refuse(_ file: String, _ error: SigmaError) {
        self.refusals.append(RuleSet.Refusal(file: file, line: error.line, message: error.message))
    }

    /// The lines of each document; the first one's begin with the file's.
    private static func texts(_ bytes: [UInt8], _ documents: [YAMLReader.Document]) -> [[UInt8]] {
        var starts = [0]
        for (position, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") { starts.append(position + 1) }
        let begins = documents.enumerated().map { number, document in
            number == 0 ? 0 : starts[min(document.line - 1, starts.count - 1)]
        }
        return zip(begins, begins.dropFirst() + [bytes.count]).map { Array(bytes[$0..<max($0, $1)]) }
    }

    private mutating func add(_ document: RuleDocument) throws(SigmaError) {
        guard self.documents.count < SigmaLimits.ruleCountMax else {
            throw SigmaError(document.line, "There are more than \(SigmaLimits.ruleCountMax) rules. Use fewer.")
        }
        if let other = self.hashes[document.hash] {
            throw SigmaError(document.line, "It is the same as a rule in \(other). Remove one.")
        }
        for name in [document.id] + (document.name.map { $0 == document.id ? [] : [$0] } ?? []) {
            if let other = self.ids[name] {
                throw SigmaError(document.line, "A rule in \(other) has the same id or name \(name). Change one.")
            }
        }
        self.hashes[document.hash] = document.file
        self.ids[document.id] = document.file
        if let name = document.name { self.ids[name] = document.file }
        self.documents.append(document)
    }

    consuming func finish() throws(IndelibleError) -> (set: RuleSet, refusals: [RuleSet.Refusal]) {
        var tables = self.sources.map { FieldTable(roots: $0.roots) }
        let order = self.documents.sorted { $0.hash.bytes.lexicographicallyPrecedes($1.hash.bytes) }
        var rules: [SigmaRule] = []
        var positions: [String: Int] = [:]
        for document in order where document.root["correlation"] == nil {
            do throws(SigmaError) {
                let source = try self.source(document.root)
                let expression = try DetectionCompiler.compile(document.root, &tables[source])
                positions[document.id] = rules.count
                if let name = document.name { positions[name] = rules.count }
                rules.append(document.rule(.detection(expression, source: source)))
            } catch { self.refuse(document.file, error) }
        }
        var correlations: [SigmaRule] = []
        let compiler = CorrelationCompiler(positions: positions, rules: rules, sources: self.sources)
        for document in order where document.root["correlation"] != nil {
            do throws(SigmaError) {
                let correlation = try compiler.compile(document.root, &tables)
                if document.root["correlation"]?["generate"]?.bool != true {
                    // As Sigma has it: the correlation speaks for its rules.
                    for rule in correlation.rules { rules[rule].isTold = false }
                }
                correlations.append(document.rule(.correlation(correlation)))
            } catch { self.refuse(document.file, error) }
        }
        let set = try Self.layOut(rules + correlations, tables, self.sources)
        let refusals = self.refusals.sorted { ($0.file, $0.line) < ($1.file, $1.line) }
        return (set, refusals)
    }

    private func source(_ root: YAMLNode) throws(SigmaError) -> Int {
        guard let node = root["logsource"], node.members != nil else {
            throw SigmaError(root.line, "It has no logsource. Add one with product and service.")
        }
        let product = node["product"]?.text?.lowercased() ?? ""
        let service = node["service"]?.text?.lowercased() ?? ""
        if let position = self.sources.firstIndex(where: { $0.product == product && $0.services.contains(service) }) {
            return position
        }
        let known = self.sources.flatMap { source in
            source.services.filter { !$0.isEmpty }.sorted().map { "\(source.product)/\($0)" }
        }
        throw SigmaError(
            node.line,
            "No events here are of the log source \(product)/\(service). Known are \(known.joined(separator: ", ")).",
        )
    }

    /// Detections stand before correlations here; the set has them in the order of their hashes.
    private static func layOut(
        _ rules: [SigmaRule],
        _ tables: [FieldTable],
        _ sources: [RuleSource],
    ) throws(IndelibleError) -> RuleSet {
        let order = rules.indices.sorted { rules[$0].hash.bytes.lexicographicallyPrecedes(rules[$1].hash.bytes) }
        var places = [Int](repeating: 0, count: rules.count)
        for (place, position) in order.enumerated() { places[position] = place }
        var benches = tables.map { RuleSet.Bench(table: $0) }
        var placed: [SigmaRule] = []
        for (place, position) in order.enumerated() {
            var rule = rules[position]
            switch rule.body {
            case .detection(let expression, let source):
                if let cover = expression.cover {
                    for (field, text) in cover {
                        benches[source].index[field, default: [:]][text, default: []].append(place)
                    }
                } else {
                    benches[source].others.append(place)
                }
            case .correlation(let correlation):
                rule.body = .correlation(correlation.replacing(correlation.rules.map { places[$0] }))
                benches[correlation.source].correlations.append(place)
            }
            placed.append(rule)
        }
        var formats: [String: [Int]] = [:]
        let used = sources.indices.filter { !benches[$0].others.isEmpty || !benches[$0].index.isEmpty }
        for source in used { for format in sources[source].formats { formats[format, default: []].append(source) } }
        return try RuleSet(rules: placed, benches: benches, formats: formats)
    }
}

extension Correlation {
    fileprivate func replacing(_ rules: [Int]) -> Correlation {
        Correlation(
            kind: self.kind,
            rules: rules,
            source: self.source,
            groupBy: self.groupBy,
            counted: self.counted,
            timespanNanoseconds: self.timespanNanoseconds,
            count: self.count,
        )
    }
}
