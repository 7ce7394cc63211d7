internal import Primitives
internal import Storage

/// Finds the bytes of entries that are not sealed: in the journal's images, else in its files.
struct TailReader {
    /// Bytes read from a journal file at once.
    private static let readByteCountMax = 1 << 20

    let view: LogView

    /// Calls `body` with the entries in bundle form, in pieces.
    ///
    /// - Throws: ``IndelibleError/Code/aborted`` when a file was given up meanwhile: take a new view, the entries are in
    ///   a segment by now. What the disk throws.
    func visit(
        _ segment: TailSegment,
        _ entries: Range<Int>,
        _ body: (UnsafeRawBufferPointer) -> Void,
    ) throws(IndelibleError) {
        var entry = entries.lowerBound
        while entry < entries.upperBound {
            let count = segment.neighbours(from: entry, limit: entries.upperBound)
            let address = segment.address(entry)
            let byteCount = Int(segment.position(entry + count) - segment.position(entry))
            if let image = self.view.image(address.file) {
                unsafe body(UnsafeRawBufferPointer(image.memory.bytes(address.offset..<address.offset + byteCount)))
            } else {
                try unsafe self.visitFile(address, byteCount, body)
            }
            entry += count
        }
    }

    private func visitFile(
        _ address: JournalAddress,
        _ byteCount: Int,
        _ body: (UnsafeRawBufferPointer) -> Void,
    ) throws(IndelibleError) {
        guard let file = self.view.file(address.file) else { throw Self.gone }
        var done = 0
        while done < byteCount {
            let start = address.offset + done
            let block = start / DirectIO.alignment * DirectIO.alignment
            let end = min(address.offset + byteCount, block + Self.readByteCountMax)
            let memory = AlignedMemory(byteCount: FrameHeader.padded(end - block))
            let count = try unsafe file.file.read(into: memory.bytes(0..<memory.byteCount), at: UInt64(block))
            guard !file.isRetired else { throw Self.gone }
            guard count >= end - block else {
                throw IndelibleError(
                    .dataLoss,
                    "\(file.path) ends before the entries that it holds. Run indelible fsck, and restore the file from a copy.",
                )
            }
            unsafe body(UnsafeRawBufferPointer(memory.bytes(start - block..<end - block)))
            done = end - address.offset
        }
    }

    private static let gone = IndelibleError(.aborted, "The entries have been sealed meanwhile. Read them again.")
}
