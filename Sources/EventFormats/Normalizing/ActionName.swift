internal import AuditModel

/// Names of actions as dotted lower-case verbs, and the class that a verb belongs to.
enum ActionName {
    /// The words of a name in any of the usual spellings: `CreateUser`, `DELETE_ROLE`, `sign-in activity`.
    static func words(_ name: some StringProtocol) -> [String] {
        let bytes = Array(name.utf8.prefix(Self.scalarCountMax))
        return bytes.allSatisfy { $0 < 0x80 } ? Self.words(ascii: bytes) : Self.words(anyOf: name)
    }

    /// What most names need: ASCII alone, for which Unicode's tables are not searched.
    private static func words(ascii bytes: [UInt8]) -> [String] {
        func isUpper(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "A") < 26 }
        func isLower(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "a") < 26 }
        var words: [String] = []
        var word: [UInt8] = []
        func endWord() {
            if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
            word.removeAll(keepingCapacity: true)
        }
        for (position, byte) in bytes.enumerated() {
            guard isUpper(byte) else {
                if isLower(byte) || byte &- UInt8(ascii: "0") < 10 { word.append(byte) } else { endWord() }
                continue
            }
            let followsLower = position > 0 && !isUpper(bytes[position - 1])
            let precedesLower = position + 1 < bytes.count && isLower(bytes[position + 1])
            if followsLower || precedesLower { endWord() }
            word.append(byte | 0x20)
        }
        endWord()
        return words
    }

    private static func words(anyOf name: some StringProtocol) -> [String] {
        var words: [String] = []
        var word = ""
        let characters = Array(name.unicodeScalars.prefix(Self.scalarCountMax))
        for (position, scalar) in characters.enumerated() {
            guard scalar.isWordCharacter else {
                if !word.isEmpty { words.append(word) }
                word = ""
                continue
            }
            let isUpper = scalar.isUpper
            let followsLower = position > 0 && !characters[position - 1].isUpper
            let precedesLower = position + 1 < characters.count && characters[position + 1].isLower
            if isUpper, !word.isEmpty, followsLower || precedesLower {
                words.append(word)
                word = ""
            }
            if scalar.isASCII {
                word.unicodeScalars.append(isUpper ? Unicode.Scalar(UInt8(scalar.value) + 32) : scalar)
            } else {
                word += scalar.properties.lowercaseMapping
            }
        }
        return word.isEmpty ? words : words + [word]
    }

    /// Parts between dots, slashes and colons become parts between dots; words within them are joined by `_`.
    static func dotted(_ name: String) -> String {
        name.utf8.split { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "/") }
            .map { Self.words(Substring($0)).joined(separator: "_") }
            .filter { !$0.isEmpty }
            .joined(separator: ".")
    }

    /// `CreateAccessKey` of `iam` as `iam.access_key.create`: the thing first, then what is done to it.
    static func verbLast(service: String, name: String) -> String {
        let words = Self.words(name)
        guard let verb = words.first, words.count > 1, Self.classes[verb] != nil else {
            return ([service] + (words.isEmpty ? [] : [words.joined(separator: "_")])).joined(separator: ".")
        }
        return "\(service).\(words.dropFirst().joined(separator: "_")).\(verb)"
    }

    /// The class of the first word that has one, the last word before all others.
    static func actionClass(_ action: String) -> AuditEvent.ActionClass {
        let words = Self.words(action)
        return words.last.flatMap { Self.classes[$0] } ?? words.lazy.compactMap { Self.classes[$0] }.first ?? .unknown
    }

    /// Longer names are descriptions.
    private static let scalarCountMax = 256

    private static let classes: [String: AuditEvent.ActionClass] = {
        let words: [(AuditEvent.ActionClass, String)] = [
            (
                .create,
                "create created add added put post insert register generate upload import new allocate issue grant granted "
                    + "invite attach enroll share consent publish push opened open copy request requested submit",
            ),
            (
                .read,
                "get list read view viewed watch describe head download downloaded lookup search query select show fetch "
                    + "export exported access accessed retrieve scan check test preview batch discover count",
            ),
            (
                .update,
                "update updated modify modified change changed set edit edited patch enable enabled rename reset rotate "
                    + "configure associate replace restore tag untag merge approve promote refresh lock unlock transfer move renew reboot changes "
                    + "write",
            ),
            (
                .delete,
                "delete deleted remove removed destroy destroyed revoke revoked disable disabled detach deregister purge "
                    + "terminate drop cancel stop clear cleared expire disassociate deletecollection archive unset deactivate",
            ),
            (
                .execute,
                "run execute exec invoke invoked start send login logon signin authenticate assume impersonate connect "
                    + "call converse chat decrypt encrypt sign trigger launch deploy authorize verify logout logoff switch "
                    + "completed session started",
            ),
        ]
        var classes: [String: AuditEvent.ActionClass] = [:]
        for (actionClass, list) in words {
            for word in list.split(separator: " ") { classes[String(word)] = actionClass }
        }
        return classes
    }()
}

/// Properties that most names need of ASCII alone, for which Unicode's tables are not searched.
private extension Unicode.Scalar {
    var isUpper: Bool { self.isASCII ? ("A"..."Z").contains(self) : self.properties.isUppercase }
    var isLower: Bool { self.isASCII ? ("a"..."z").contains(self) : self.properties.isLowercase }

    var isWordCharacter: Bool {
        guard self.isASCII else { return self.properties.isAlphabetic || self.properties.numericType != nil }
        return self.isUpper || self.isLower || ("0"..."9").contains(self)
    }
}
