/// Numbers that C kernels read: allocated once, on a cache line of their own, never changed.
///
/// `@unchecked Sendable`: nobody writes after `init`, and only `deinit` frees.
@safe final class KernelTable<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
    let base: UnsafePointer<Element>

    private static var alignment: Int { 64 }

    /// - Parameters:
    ///   - slack: Elements that kernels may read beyond the last.
    ///   - filler: What they find there.
    init(_ elements: [Element], slack: Int = 0, filler: Element? = nil) {
        let count = elements.count + slack
        let room = unsafe UnsafeMutableRawPointer.allocate(
            byteCount: max(1, count * MemoryLayout<Element>.stride),
            alignment: Self.alignment,
        ).bindMemory(to: Element.self, capacity: count)
        for (position, element) in elements.enumerated() { unsafe (room + position).initialize(to: element) }
        if let filler { for position in elements.count..<count { unsafe (room + position).initialize(to: filler) } }
        unsafe self.base = UnsafePointer(room)
    }

    deinit { unsafe UnsafeMutableRawPointer(mutating: self.base).deallocate() }
}
