internal import Cryptography
package import Primitives
internal import ServiceProtocol
internal import Storage

/// What consumers want to find again, one file for each name and slot (docs/formats.md, "Consumers' states").
///
/// The ledger does not read them, and nothing rests on them: a state follows from the entries before its index, so whoever
/// finds none, or a damaged one, makes it again from the log.
package struct SlotStateStore: Sendable {
    static let directory = "consumers"
    static let magic = Array("INDSTAT1".utf8)
    /// Bytes before the state: magic, index; the checksum follows it.
    static let headByteCount = 16
    /// Names that states may have; each has at most 256 files.
    package static let nameCountMax = 16

    private let files: any FileSystem

    init(files: any FileSystem) { self.files = files }

    /// Keeps a state, unless a newer one is here.
    ///
    /// - Parameters:
    ///   - name: 1 to 64 letters, digits and dashes.
    ///   - index: the state is of all entries before this one.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` for another name or a state that is too large;
    ///   ``IndelibleError/Code/resourceExhausted`` for a name too many; what the disk throws.
    package func put(_ name: String, slot: UInt8, index: UInt64, _ state: [UInt8]) throws(IndelibleError) {
        try Self.check(name)
        guard state.count <= ProtocolLimits.stateByteCountMax else {
            throw IndelibleError(
                .invalidArgument,
                "A state of \(state.count) bytes is too large; \(ProtocolLimits.stateByteCountMax) are kept.",
            )
        }
        if let present = try self.get(name, slot: slot), present.index > index { return }
        let directory = "\(Self.directory)/\(name)"
        if try !self.files.exists(directory) {
            let names = try self.files.list(Self.directory)
            guard names.count < Self.nameCountMax else {
                throw IndelibleError(
                    .resourceExhausted,
                    "States of \(names.count) names are kept already. Remove a folder of \(Self.directory) that nobody needs.",
                )
            }
            try self.files.createDirectory(directory)
            try self.files.syncDirectory(Self.directory)
        }
        var fields = FieldWriter(capacity: Self.headByteCount + state.count + 4)
        fields.put(Self.magic)
        fields.put(index)
        fields.put(state)
        fields.putChecksum()
        try self.files.replaceDurably(Self.path(name, slot), with: fields.bytes)
    }

    /// - Returns: `nil` when there is none, or a damaged one.
    /// - Throws: ``IndelibleError/Code/invalidArgument`` for a name that cannot be; what the disk throws.
    package func get(_ name: String, slot: UInt8) throws(IndelibleError) -> (index: UInt64, state: [UInt8])? {
        try Self.check(name)
        let byteCountMax = Self.headByteCount + ProtocolLimits.stateByteCountMax + 4
        guard let bytes = try self.files.readAll(Self.path(name, slot), byteCountMax: byteCountMax),
            bytes.count >= Self.headByteCount + 4, bytes.starts(with: Self.magic)
        else { return nil }
        let end = bytes.count - 4
        var tail = FieldReader(bytes, end..<bytes.count)
        var head = FieldReader(bytes, Self.magic.count..<Self.headByteCount)
        guard tail.take(UInt32.self) == CRC32C.checksum(Array(bytes[..<end])), let index: UInt64 = head.take() else {
            return nil
        }
        return (index, Array(bytes[Self.headByteCount..<end]))
    }

    private static func check(_ name: String) throws(IndelibleError) {
        let isGood = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
            default: false
            }
        }
        guard isGood, (1...ProtocolLimits.stateNameByteCountMax).contains(name.utf8.count) else {
            throw IndelibleError(
                .invalidArgument,
                "\"\(name)\" names no state. Use 1 to \(ProtocolLimits.stateNameByteCountMax) of a-z, 0-9 and -.",
            )
        }
    }

    private static func path(_ name: String, _ slot: UInt8) -> String { "\(Self.directory)/\(name)/\(slot)" }
}
