/// Makes a ``Correlation`` of a rule's `correlation`, once the other rules are known.
struct CorrelationCompiler {
    /// Positions of rules, by id and by name.
    let positions: [String: Int]
    let rules: [SigmaRule]
    let sources: [RuleSource]

    /// - Throws: ``SigmaError`` naming the line.
    func compile(_ root: YAMLNode, _ tables: inout [FieldTable]) throws(SigmaError) -> Correlation {
        guard let node = root["correlation"], node.members != nil else {
            throw SigmaError(root.line, "Its correlation is not a map. Give it type, rules, group-by and timespan.")
        }
        let typeName = try node.requiredText("type")
        guard let kind = Correlation.Kind(rawValue: typeName) else {
            throw SigmaError(
                node.line,
                "The correlation type \(typeName.debugDescription) is not known. "
                    + "Use event_count, value_count, temporal or temporal_ordered.",
            )
        }
        if let aliases = node["aliases"] {
            throw SigmaError(
                aliases.line,
                "Aliases of fields are not read. Use rules of one source, whose fields agree.",
            )
        }
        let (parts, source) = try self.parts(node)
        guard let groups = node["group-by"]?.elements, (1...SigmaLimits.correlationPartCountMax).contains(groups.count)
        else {
            throw SigmaError(node.line, "The correlation has no group-by. \(self.actorAdvice(source))")
        }
        var names: [String] = []
        for group in groups {
            guard let name = group.text else { throw SigmaError(group.line, "group-by takes names of fields.") }
            names.append(name)
        }
        guard names.contains(where: { self.sources[source].actorFields.contains($0) }) else {
            throw SigmaError(
                groups.first?.line ?? node.line,
                "Events of one \(names.joined(separator: ", ")) may be of several actors, whom different analyzers judge, "
                    + "so that nobody counts all of them. \(self.actorAdvice(source))",
            )
        }
        var counted: Int?
        var count = parts.count
        if kind == .eventCount || kind == .valueCount {
            guard let condition = node["condition"], condition.members != nil else {
                throw SigmaError(node.line, "The correlation has no condition. Add one, such as `gte: 10`.")
            }
            count = try Self.count(condition)
            if kind == .valueCount { counted = tables[source].position(of: try condition.requiredText("field")) }
        } else if let condition = node["condition"] {
            throw SigmaError(
                condition.line,
                "A \(typeName) correlation asks for all of its rules; leave its condition out.",
            )
        }
        return Correlation(
            kind: kind,
            rules: parts,
            source: source,
            groupBy: names.map { tables[source].position(of: $0) },
            counted: counted,
            timespanNanoseconds: try Self.timespan(node),
            count: count,
        )
    }

    private func actorAdvice(_ source: Int) -> String {
        "Group by \(self.sources[source].actorFields.joined(separator: " or ")), with others beside it if you like."
    }

    private func parts(_ node: YAMLNode) throws(SigmaError) -> (rules: [Int], source: Int) {
        guard let elements = node["rules"]?.elements,
            (1...SigmaLimits.correlationPartCountMax).contains(elements.count)
        else {
            throw SigmaError(node.line, "The correlation must name 1 to \(SigmaLimits.correlationPartCountMax) rules.")
        }
        var rules: [Int] = []
        var sources: Set<Int> = []
        for element in elements {
            guard let name = element.text, let position = self.positions[name] else {
                throw SigmaError(
                    element.line,
                    "The correlation names \(element.text?.debugDescription ?? "no text"), which is the id or name of no rule.",
                )
            }
            guard case .detection(_, let source) = self.rules[position].body else {
                throw SigmaError(element.line, "A correlation of correlations is not read. Name the rules themselves.")
            }
            rules.append(position)
            sources.insert(source)
        }
        guard let source = sources.first, sources.count == 1 else {
            throw SigmaError(node.line, "Its rules are of different log sources, whose actors differ. Split it.")
        }
        return (rules, source)
    }

    private static func count(_ condition: YAMLNode) throws(SigmaError) -> Int {
        for member in condition.members ?? [] where !["gte", "gt", "field"].contains(member.key) {
            throw SigmaError(
                member.line,
                "\(member.key.debugDescription) cannot be known before the time is over, when nobody looks. Use gte or gt.",
            )
        }
        let least = condition["gte"]?.text.flatMap { Int($0) }
        let more = condition["gt"]?.text.flatMap { Int($0) }.map { $0 &+ 1 }
        guard let count = least ?? more, (1...SigmaLimits.correlationCountMax).contains(count) else {
            throw SigmaError(
                condition.line,
                "The condition must be gte or gt and a number up to \(SigmaLimits.correlationCountMax).",
            )
        }
        return count
    }

    private static func timespan(_ node: YAMLNode) throws(SigmaError) -> UInt64 {
        let text = try node.requiredText("timespan")
        let units: [Character: UInt64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let number = UInt64(text.dropLast()), number > 0,
            number <= SigmaLimits.timespanSecondsMax / unit
        else {
            throw SigmaError(
                node.line,
                "Its timespan \(text.debugDescription) must be a number and s, m, h or d, at most seven days.",
            )
        }
        return number * unit * 1_000_000_000
    }
}
