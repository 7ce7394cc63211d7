internal import AuditModel

/// Everything that features look at, worked out once per event.
package struct EventFacts: Sendable {
    let category: ActivityCategory
    /// Of each ``LiteralList``, how many of its literals occur.
    let literalCounts: [Int32]
    /// Of prompts only, as the next two; else zero.
    let shape: TextShape
    let words: WordBuckets
    let promptScore: Int32
    let actor: ActorState.Observation

    init(index: UInt64, _ event: AuditEvent, actors: inout ActorTable, scratch: inout LiteralScanner.Scratch) {
        let foldedAction = Self.foldedAction(event.action)
        self.category = ActivityTable.v1.category(ofFoldedAction: foldedAction.span, event, &scratch.ofActivity)
        let findings = LiteralScanner.v1.findings(event, foldedAction: foldedAction.span, &scratch)
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
        var folded: [UInt8] = []
        folded.reserveCapacity(action.utf8.count + 2)
        folded.append(UInt8(ascii: "."))
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
}
