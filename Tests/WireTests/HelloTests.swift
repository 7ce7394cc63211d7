import CIndelibleProto
import Primitives
import ProtobufC
import Testing
import Wire

@Suite struct HelloTests {
    static func hello(
        _ versions: ClosedRange<UInt32> = 1...1,
        frameByteCountMax: UInt32 = 65_536,
        software: String = "x/1",
    ) -> Hello {
        Hello(
            versions: versions,
            frameByteCountMax: frameByteCountMax,
            streamCountMax: 8,
            streamCredit: 1_000,
            software: software,
        )
    }

    @Test func isWhatProtobufCWritesAndReads() throws {
        let type = unsafe ProtoType(indelible__v1__hello__init)
        let hello = Self.hello(1...300)
        let fields = unsafe try type.withUnpacked(hello.bytes.span) { message in
            unsafe (
                [
                    message.pointee.version_min, message.pointee.version_max, message.pointee.frame_bytes_max,
                    message.pointee.streams_max, message.pointee.stream_credit,
                ], String(field: message.pointee.software),
            )
        }
        #expect(fields.0 == [1, 300, 65_536, 8, 1_000])
        #expect(fields.1 == "x/1")
        #expect(try Hello(hello.bytes.span) == hello)
    }

    @Test(
        arguments: [
            ([1, 1, 1, 1], 1), ([1, 3, 2, 5], 3), ([2, 5, 1, 3], 3), ([1, 1, 2, 2], nil), ([3, 4, 1, 2], nil),
        ] as [([UInt32], UInt32?)]
    )
    func agreesOnTheNewestCommonVersion(_ bounds: [UInt32], _ expected: UInt32?) throws {
        let (ours, theirs) = (Self.hello(bounds[0]...bounds[1]), Self.hello(bounds[2]...bounds[3]))
        guard let expected else {
            let error = #expect(throws: IndelibleError.self) { try Session(ours: ours, theirs: theirs) }
            #expect(error?.code == .failedPrecondition)
            return
        }
        #expect(try Session(ours: ours, theirs: theirs).version == expected)
    }

    @Test func refusesWhatCannotWork() {
        var noVersion = ProtoWriter()
        noVersion.varint(3, 65_536)
        var backwards = ProtoWriter()
        backwards.varint(1, 2)
        backwards.varint(2, 1)
        backwards.varint(3, 65_536)
        let long = String(repeating: "x", count: Hello.softwareByteCountMax + 1)
        for bytes in [
            [], noVersion.bytes, backwards.bytes, Self.hello(frameByteCountMax: 1_023).bytes,
            Self.hello(software: long).bytes, [0x32, 0x05], [0x0a, 0x00],
        ] {
            #expect(throws: IndelibleError.self) { try Hello(bytes.span) }
        }
        #expect(throws: Never.self) { try Hello(Self.hello(frameByteCountMax: 1_024).bytes.span) }
    }
}
