internal import Cryptography
internal import Primitives

/// A few leaves of a sealed segment, read from its file, and the tree over them.
struct LeafBlock {
    /// Number of the segment.
    let segment: Int
    /// Among the segment's blocks of this height.
    let position: Int
    /// Of the first leaf, in the log.
    let firstIndex: UInt64
    private let height: Int
    /// Rows from the leaves up to the root, each half as long as the one before.
    private let hashes: [Digest]

    /// Reads the leaves and computes what is above; what the root must be is for the caller to know.
    ///
    /// - Throws: ``IndelibleError/Code/dataLoss`` when the file ends too soon; what the disk throws.
    init(_ segment: SegmentFile, _ position: Int, height: Int) throws(IndelibleError) {
        let count = 1 << height
        var hashes = [Digest](repeating: .zero, count: 2 * count - 1)
        var failure: IndelibleError?
        unsafe hashes.withUnsafeMutableBytes { bytes in
            let leaves = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[..<(Digest.byteCount * count)])
            do throws(IndelibleError) {
                try unsafe segment.readLeaves(into: leaves, from: position * count)
            } catch { failure = error }
            guard let base = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
            var row = 0
            for level in 0..<height {
                let width = count >> level
                unsafe HashKernel.best.nodeHashes(
                    children: base + Digest.byteCount * row,
                    count: width / 2,
                    out: base + Digest.byteCount * (row + width),
                )
                row += width
            }
        }
        if let failure { throw failure }
        self.segment = segment.number
        self.position = position
        self.firstIndex = segment.first + UInt64(position * count)
        self.height = height
        self.hashes = hashes
    }

    var root: Digest { self.hashes[self.hashes.count - 1] }

    /// - Parameters:
    ///   - level: 0 for a leaf, up to the block's height.
    ///   - position: Among the segment's hashes of that level; one of this block's.
    func hash(level: Int, _ position: Int) -> Digest {
        let count = 1 << self.height
        let start = 2 * count - (2 * count) >> level
        return self.hashes[start + (position & (count >> level - 1))]
    }
}
