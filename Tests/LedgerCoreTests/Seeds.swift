import Foundation

/// Which seeds the fault tests try: the usual ones, or those that `make soak` asks for.
enum Seeds {
    /// - Parameter usual: tried unless `INDELIBLE_SEEDS` names others, as `FIRST-LAST`.
    static func range(usual: Range<UInt64>) -> Range<UInt64> {
        let asked = ProcessInfo.processInfo.environment["INDELIBLE_SEEDS"] ?? ""
        let ends = asked.split(separator: "-").map { UInt64($0) }
        guard ends.count == 2, let first = ends[0], let last = ends[1], first <= last else { return usual }
        return first..<(last + 1)
    }
}
