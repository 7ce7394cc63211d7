internal import AuditModel

/// Everything that features look at, worked out once per event.
package struct EventFacts: Sendable {
    let event: AuditEvent
    let category: ActivityCategory
    /// Of each ``LiteralList``, how many of its literals occur.
    let literalCounts: [Int32]
    let shape: TextShape
    /// Of prompts only; else zero.
    let words: WordBuckets
    let actor: ActorState.Observation

    init(index: UInt64, _ event: AuditEvent, actors: inout ActorTable) {
        let foldedAction = Self.foldedAction(event.action)
        self.event = event
        self.category = ActivityTable.v1.category(ofFoldedAction: foldedAction.span, event)
        self.literalCounts = LiteralScanner.v1.counts(event, foldedAction: foldedAction)
        let text = TextShape.longestString(in: event.raw.span)
        let body = event.raw[text]
        self.shape = TextShape(of: body.span)
        self.words = self.category == .genAIUse ? WordBuckets(of: body.span) : WordBuckets()
        self.actor = actors.observe(index: index, event, foldedAction: foldedAction)
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
