internal import Primitives

/// A dotted path of names, such as `requestParameters.password`, `**.secret` or `users.*.name`.
///
/// `*` stands for one name, `**` for any number of them. Lists do not count: `users.name` is the name of each user. A name with
/// dots counts as several. Case, `_` and `-` make no difference.
package struct FieldPath: Sendable, Equatable {
    private enum Segment: Sendable, Equatable {
        case name(UInt64)
        case any
        case anyDepth
    }

    /// Names in one path.
    package static let segmentCountMax = 16
    private static let byteCountMax = 512

    private let segments: [Segment]

    /// - Returns: `nil` for an empty path or name, and for one that is too long.
    package init?(_ text: String) {
        guard text.utf8.count <= Self.byteCountMax else { return nil }
        let names = text.split(separator: ".", omittingEmptySubsequences: false)
        guard names.count <= Self.segmentCountMax, names.allSatisfy({ !$0.isEmpty }) else { return nil }
        self.segments = names.map { $0 == "*" ? .any : $0 == "**" ? .anyDepth : .name(NameHash.of($0)) }
    }

    /// The hash of its last name; `nil` when that is a wildcard.
    var lastName: UInt64? {
        guard case .name(let hash) = self.segments.last else { return nil }
        return hash
    }

    /// - Parameter names: hashes of the names from the root on.
    func matches(_ names: [UInt64]) -> Bool {
        var (name, segment) = (0, 0)
        /// Where to go on after the last `**`, should what follows it not fit: one name further.
        var retry: (name: Int, segment: Int)?
        while name < names.count {
            if segment < self.segments.count {
                switch self.segments[segment] {
                case .anyDepth:
                    retry = (name, segment + 1)
                    segment += 1
                    continue
                case .any:
                    (name, segment) = (name + 1, segment + 1)
                    continue
                case .name(let hash) where hash == names[name]:
                    (name, segment) = (name + 1, segment + 1)
                    continue
                case .name: break
                }
            }
            guard let last = retry else { return false }
            retry = (last.name + 1, last.segment)
            (name, segment) = (last.name + 1, last.segment)
        }
        return self.segments[segment...].allSatisfy { $0 == .anyDepth }
    }
}
