/// Makes an expression of a rule's `detection`.
enum DetectionCompiler {
    /// - Throws: ``SigmaError`` naming the line.
    static func compile(_ root: YAMLNode, _ fields: inout FieldTable) throws(SigmaError) -> Expression {
        guard let detection = root["detection"], let members = detection.members else {
            throw SigmaError(root.line, "It has no detection. Add a map with selections and a condition.")
        }
        guard let condition = detection["condition"] else {
            throw SigmaError(
                detection.line,
                "The detection has no condition. Add one, such as `condition: selection`.",
            )
        }
        var parts: [(name: String, expression: Expression)] = []
        for member in members where member.key != "condition" && member.key != "timeframe" {
            parts.append((member.key, try Self.selection(member.value, &fields)))
        }
        if let frame = detection["timeframe"] {
            throw SigmaError(
                frame.line,
                "timeframe belongs to aggregations, which Sigma gave up. Write a correlation.",
            )
        }
        guard let conditions = condition.elements, !conditions.isEmpty else {
            throw SigmaError(condition.line, "The condition must be a text, or a list of texts.")
        }
        var expressions: [Expression] = []
        var used: Set<String> = []
        for node in conditions {
            guard let text = node.text else { throw SigmaError(node.line, "The condition is not a text.") }
            var parser = try ConditionParser(text, parts, line: node.line)
            expressions.append(try parser.parse())
            used.formUnion(parser.used)
        }
        for member in members where member.key != "condition" && !used.contains(member.key) {
            throw SigmaError(
                member.line,
                "The condition does not use \(member.key.debugDescription). Name it there, or leave it out.",
            )
        }
        return expressions.count == 1 ? expressions[0] : .any(expressions)
    }

    /// A map (all of it), a list of maps (one of them), or a list of keywords.
    private static func selection(_ node: YAMLNode, _ fields: inout FieldTable) throws(SigmaError) -> Expression {
        switch node.value {
        case .mapping(let members):
            guard !members.isEmpty else { throw SigmaError(node.line, "A selection is empty. Name a field.") }
            var tests: [Expression] = []
            for member in members {
                tests.append(try FieldTestCompiler(member.key, line: member.line).compile(member.value, &fields))
            }
            return tests.count == 1 ? tests[0] : .all(tests)
        case .sequence(let elements):
            guard !elements.isEmpty else { throw SigmaError(node.line, "A selection is empty. Name a field.") }
            var choices: [Expression] = []
            for element in elements { choices.append(try Self.selection(element, &fields)) }
            return choices.count == 1 ? choices[0] : .any(choices)
        case .scalar: return try FieldTestCompiler("", line: node.line).compile(node, &fields)
        }
    }
}
