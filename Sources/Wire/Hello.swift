package import Primitives
internal import ProtobufC

/// The first message of each side: what it speaks and what it accepts.
package struct Hello: Sendable, Equatable {
    /// Protocol versions that the sender speaks.
    package var versions: ClosedRange<UInt32>
    /// Longest frame that the sender accepts, counted like `length`.
    package var frameByteCountMax: UInt32
    /// Streams that the sender lets the peer keep open.
    package var streamCountMax: UInt32
    /// What the peer may send on each new stream before it gets credit, see ``Credit``.
    package var streamCredit: UInt32
    /// For logs only, such as `indelible-ledger/0.1.0`.
    package var software: String

    package static let softwareByteCountMax = 128

    package init(
        versions: ClosedRange<UInt32> = Session.versions,
        frameByteCountMax: UInt32,
        streamCountMax: UInt32,
        streamCredit: UInt32,
        software: String,
    ) {
        self.versions = versions
        self.frameByteCountMax = frameByteCountMax
        self.streamCountMax = streamCountMax
        self.streamCredit = streamCredit
        self.software = software
    }

    package init(_ limits: ConnectionLimits, software: String) {
        self.init(
            frameByteCountMax: UInt32(limits.frameByteCountMax),
            streamCountMax: UInt32(limits.streamCountMax),
            streamCredit: UInt32(limits.streamCredit),
            software: software,
        )
    }

    /// The serialised message.
    package var bytes: [UInt8] {
        var writer = ProtoWriter()
        writer.varint(1, UInt64(self.versions.lowerBound))
        writer.varint(2, UInt64(self.versions.upperBound))
        writer.varint(3, UInt64(self.frameByteCountMax))
        writer.varint(4, UInt64(self.streamCountMax))
        writer.varint(5, UInt64(self.streamCredit))
        writer.text(6, self.software)
        return writer.bytes
    }

    /// - Throws: ``IndelibleError/Code/invalidArgument`` when the message is malformed or announces what cannot work.
    package init(_ bytes: Span<UInt8>) throws(IndelibleError) {
        var numbers: [UInt32] = [0, 0, 0, 0, 0]
        var software = ""
        var scanner = ProtoScanner(0..<bytes.count)
        while let field = try scanner.next(in: bytes) {
            switch (field.number, field.value) {
            case (1...5, .varint(let value)): numbers[Int(field.number) - 1] = UInt32(truncatingIfNeeded: value)
            case (6, .bytes(let range)):
                guard range.count <= Self.softwareByteCountMax else {
                    throw Self.unacceptable("its software name is over \(Self.softwareByteCountMax) bytes")
                }
                software = unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0[range], as: UTF8.self) }
            case (1...6, _): throw Self.unacceptable("field \(field.number) has the wrong type")
            default: continue
            }
        }
        guard numbers[0] >= 1, numbers[1] >= numbers[0] else { throw Self.unacceptable("it names no version") }
        guard numbers[2] >= FrameParser.frameByteCountFloor else {
            throw Self.unacceptable("it accepts frames of \(numbers[2]) bytes only")
        }
        self.init(
            versions: numbers[0]...numbers[1],
            frameByteCountMax: numbers[2],
            streamCountMax: numbers[3],
            streamCredit: numbers[4],
            software: software,
        )
    }

    private static func unacceptable(_ reason: String) -> IndelibleError {
        IndelibleError(
            .invalidArgument,
            "The peer's Hello cannot be accepted: \(reason). Check the peer against docs/protocol.md.",
        )
    }
}

/// What two Hellos agree on.
package struct Session: Sendable, Equatable {
    /// Versions that this software speaks.
    package static let versions: ClosedRange<UInt32> = 1...1

    package let version: UInt32
    package let peer: Hello

    /// - Throws: ``IndelibleError/Code/failedPrecondition`` when the two have no version in common.
    package init(ours: Hello, theirs: Hello) throws(IndelibleError) {
        let version = min(ours.versions.upperBound, theirs.versions.upperBound)
        guard version >= ours.versions.lowerBound, version >= theirs.versions.lowerBound else {
            throw IndelibleError(
                .failedPrecondition,
                """
                This side speaks protocol versions \(ours.versions.lowerBound) to \(ours.versions.upperBound), the peer \
                \(theirs.versions.lowerBound) to \(theirs.versions.upperBound). Upgrade the older of the two.
                """,
            )
        }
        self.version = version
        self.peer = theirs
    }
}
