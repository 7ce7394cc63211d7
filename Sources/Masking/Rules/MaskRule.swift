/// One rule: what it looks for, where not, and what becomes of it.
package struct MaskRule: Sendable, Equatable {
    package enum Selector: Sendable, Equatable {
        /// Whole values, wherever one of the paths leads; everything below it when that is an object or a list.
        case paths([FieldPath])
        /// Stretches of any text, by what they are.
        case content([SensitiveType])
    }

    /// What encryption takes for whom a value is about.
    package enum Subject: Sendable, Equatable {
        /// The value itself: a key for each e-mail address, for each card.
        case value
        /// The first of these fields of the record that is there; dotted, without wildcards.
        case fields([String])
    }

    /// Letters, digits, `_` and `-`: it stands in the masked text.
    package let name: String
    package let selector: Selector
    /// Where the rule does not hold.
    package let except: [FieldPath]
    package let action: MaskAction
    package let subject: Subject
}
