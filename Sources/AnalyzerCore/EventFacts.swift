internal import AuditModel

/// Everything that features look at, worked out once per event.
package struct EventFacts: Sendable {
    let event: AuditEvent
    let category: ActivityCategory
    /// Of each ``LiteralList``, how many of its literals occur.
    let literalCounts: [Int32]
    /// Of prompts only, as the next two; else zero.
    let shape: TextShape
    let words: WordBuckets
    let promptScore: Int32
    let actor: ActorState.Observation

    init(index: UInt64, _ event: AuditEvent, actors: inout ActorTable) {
        let foldedAction = Self.foldedAction(event.action)
        self.event = event
        self.category = ActivityTable.v1.category(ofFoldedAction: foldedAction.span, event)
        let findings = LiteralScanner.v1.findings(event, foldedAction: foldedAction)
        self.literalCounts = findings.counts
        if self.category == .genAIUse {
            let prompt = event.raw[TextShape.longestString(in: event.raw.span)]
            self.shape = TextShape(of: prompt.span)
            self.words = WordBuckets(of: prompt.span)
            self.promptScore = PromptLexicon.v1.score(prompt.span)
        } else {
            self.shape = TextShape()
            self.words = WordBuckets()
            self.promptScore = 0
        }
        self.actor = actors.observe(
            index: index,
            event,
            foldedAction: foldedAction,
            category: self.category,
            values: findings.values,
        )
    }

    /// `.service.name.`: lower case, a dot for each separator and at both ends, other marks left out.
    package static func foldedAction(_ action: String) -> [UInt8] {
        guard !action.isEmpty else { return [] }
        var folded = [UInt8(ascii: ".")]
        for byte in action.utf8 {
            switch byte {
            case UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "/"), UInt8(ascii: " "):
                folded.append(UInt8(ascii: "."))
            case _ where ASCII.isLetter(byte) || ASCII.isDigit(byte): folded.append(ASCII.folded(byte))
            default: break
            }
        }
        folded.append(UInt8(ascii: "."))
        return folded
    }

    /// The action's first part, such as the service; empty without one.
    var service: Substring.UTF8View {
        let action = self.event.action[...].utf8
        return action[..<(action.firstIndex(of: UInt8(ascii: ".")) ?? action.endIndex)]
    }

    /// What follows the action's last dot.
    var verb: Substring.UTF8View {
        let action = self.event.action[...].utf8
        guard let dot = action.lastIndex(of: UInt8(ascii: ".")) else { return action }
        return action[action.index(after: dot)...]
    }

    /// The source without what names one installation: what stands before the first slash.
    var sourceFamily: Substring.UTF8View {
        let source = self.event.source[...].utf8
        return source[..<(source.firstIndex(of: UInt8(ascii: "/")) ?? source.endIndex)]
    }

    /// The user agent's first product, without its version.
    var agentFamily: Substring.UTF8View {
        let agent = self.event.origin.userAgent[...].utf8
        let end = agent.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "(") }
        return agent[..<(end ?? agent.endIndex)]
    }
}
