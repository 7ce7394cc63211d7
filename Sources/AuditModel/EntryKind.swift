/// What an entry holds: the number of its body's field in `Entry`.
///
/// An open set: a number that this release does not know is carried, proven and shown as a number.
package struct EntryKind: RawRepresentable, Hashable, Sendable {
    /// Fields 3 to 63 of `Entry` are bodies, so a set of kinds fits 64 bits.
    package static let range: ClosedRange<UInt8> = 3...63

    package let rawValue: UInt8

    /// - Returns: `nil` outside ``range``.
    package init?(rawValue: UInt8) {
        guard Self.range.contains(rawValue) else { return nil }
        self.rawValue = rawValue
    }

    /// - Returns: `nil` outside ``range``.
    package init?(number: UInt64) {
        guard number <= UInt64(Self.range.upperBound) else { return nil }
        self.init(rawValue: UInt8(number))
    }

    private init(known: UInt8) { self.rawValue = known }

    package static let event = Self(known: 3)
    package static let seal = Self(known: 4)
    package static let verdicts = Self(known: 5)
    package static let label = Self(known: 6)
    package static let model = Self(known: 7)
    package static let dataset = Self(known: 8)
    package static let rule = Self(known: 9)
    package static let state = Self(known: 10)
    package static let mute = Self(known: 11)
    package static let key = Self(known: 12)
    package static let source = Self(known: 13)
    package static let access = Self(known: 14)
    package static let retention = Self(known: 16)
    package static let hold = Self(known: 17)
    package static let erasure = Self(known: 18)
    package static let verification = Self(known: 19)
    package static let alert = Self(known: 20)
    package static let lifecycle = Self(known: 21)

    /// Every known kind with the word for it in flags and JSON, by number.
    package static let names: [(kind: EntryKind, name: String)] = [
        (.event, "event"), (.seal, "seal"), (.verdicts, "verdict"), (.label, "label"), (.model, "model"),
        (.dataset, "dataset"), (.rule, "rule"), (.state, "state"), (.mute, "mute"), (.key, "key"),
        (.source, "source"), (.access, "access"), (.retention, "retention"), (.hold, "hold"),
        (.erasure, "erasure"), (.verification, "verification"), (.alert, "alert"), (.lifecycle, "lifecycle"),
    ]

    /// The kind with one of ``names``, or with the number that `name` is; `nil` for anything else.
    package init?(name: some StringProtocol) {
        if let known = Self.names.first(where: { $0.name == name }) {
            self = known.kind
        } else if let number = UInt8(name), let kind = Self(rawValue: number) {
            self = kind
        } else {
            return nil
        }
    }
}

extension EntryKind: CustomStringConvertible {
    package var description: String {
        Self.names.first { $0.kind == self }?.name ?? "\(self.rawValue)"
    }
}
