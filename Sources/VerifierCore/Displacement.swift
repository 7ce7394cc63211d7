/// Where a leaf that is not in its place belongs, so that a deletion and a swap are not called an alteration.
enum Displacement {
    /// What became of the first leaf that is not what it was.
    ///
    /// - Parameters:
    ///   - index: Its place.
    ///   - origin: The place at which what stands there now was recorded; `nil` when it was never recorded.
    ///   - next: The same of what stands behind it; `nil` also when nothing is known of that.
    static func kind(at index: UInt64, origin: UInt64?, next: UInt64?) -> Finding.Kind {
        guard let origin else { return .payloadAltered }
        // What follows moved up.
        if origin == index + 1, next == nil || next == index + 2 { return .entryMissing }
        return .reordered
    }
}
