/// Steps through entries in bundle form.
enum BundleBytes {
    /// Where entry number `count` starts, from `start` on; `nil` when there are not that many.
    static func offset(after count: Int, in bytes: [UInt8], from start: Int = 0) -> Int? {
        var position = start
        for _ in 0..<count {
            guard position + 2 <= bytes.count else { return nil }
            position += 2 + Int(bytes[position]) << 8 + Int(bytes[position + 1])
        }
        return position <= bytes.count ? position : nil
    }
}
