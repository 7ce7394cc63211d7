/// A network in CIDR notation (RFC 4632, RFC 4291).
struct AddressRange: Sendable, Hashable {
    private let bytes: [UInt8]
    private let prefixLength: Int

    /// - Returns: `nil` for what is no network, such as `10.0.0.0/8` or `2001:db8::/32`; an address alone is one of itself.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let bytes = Self.address(Array(parts[0].utf8)), parts.count <= 2 else { return nil }
        self.bytes = bytes
        guard parts.count == 2 else {
            self.prefixLength = bytes.count * 8
            return
        }
        guard parts[1].utf8.count <= 3, let length = Int(parts[1]), (0...bytes.count * 8).contains(length) else {
            return nil
        }
        self.prefixLength = length
    }

    func contains(_ text: [UInt8]) -> Bool {
        guard let address = Self.address(text), address.count == self.bytes.count else { return false }
        let whole = self.prefixLength / 8
        guard address[..<whole] == self.bytes[..<whole] else { return false }
        let rest = self.prefixLength % 8
        return rest == 0 || (address[whole] ^ self.bytes[whole]) >> UInt8(8 - rest) == 0
    }

    /// Four or sixteen bytes.
    private static func address(_ text: [UInt8]) -> [UInt8]? {
        text.contains(UInt8(ascii: ":")) ? Self.version6(text) : Self.version4(text[...])
    }

    private static func version4(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard (1...3).contains(part.count), part.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) else { return nil }
            let number = part.reduce(0) { $0 * 10 + Int($1 & 0x0f) }
            guard number < 256 else { return nil }
            bytes.append(UInt8(number))
        }
        return bytes
    }

    /// RFC 4291, section 2.2, without zones.
    private static func version6(_ text: [UInt8]) -> [UInt8]? {
        guard text.count <= 45 else { return nil }
        var halves: [[UInt8]] = [[]]
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard (3...9).contains(parts.count) else { return nil }
        for (position, part) in parts.enumerated() {
            if part.isEmpty {
                // `::` at either end splits into two empty parts.
                let isEdge = position == 0 || position == parts.count - 1
                if isEdge, parts[position == 0 ? 1 : position - 1].isEmpty { continue }
                guard !isEdge, halves.count == 1 else { return nil }
                halves.append([])
            } else if position == parts.count - 1, part.contains(UInt8(ascii: ".")) {
                guard let tail = Self.version4(part) else { return nil }
                halves[halves.count - 1] += tail
            } else {
                guard part.count <= 4, let number = UInt16(String(decoding: part, as: UTF8.self), radix: 16),
                    part.first != UInt8(ascii: "+")
                else { return nil }
                halves[halves.count - 1] += [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)]
            }
        }
        let count = halves.reduce(0) { $0 + $1.count }
        guard halves.count == 2 ? count < 16 : count == 16 else { return nil }
        return halves[0] + [UInt8](repeating: 0, count: 16 - count) + (halves.count == 2 ? halves[1] : [])
    }
}
