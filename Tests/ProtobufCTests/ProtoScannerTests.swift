import CIndelibleProto
import Primitives
import ProtobufC
import Testing

@Suite struct ProtoScannerTests {
    @Test func writesWhatProtobufCPacks() throws {
        for value in [0, 1, 127, 128, 16_383, 16_384, UInt64(UInt32.max), UInt64.max] {
            let type = unsafe ProtoType(indelible__v1__append_item__init)
            var item = unsafe type.empty
            var arena = try Arena(byteCountMax: 4096)
            unsafe item.entry = try arena.place([UInt8](repeating: 7, count: 300))
            unsafe item.kind = UInt32(truncatingIfNeeded: value)
            unsafe item.sequence = value
            var writer = ProtoWriter()
            writer.bytes(1, [UInt8](repeating: 7, count: 300))
            writer.varint(2, UInt64(UInt32(truncatingIfNeeded: value)))
            writer.varint(5, value)
            let packed = unsafe type.pack(item)
            #expect(writer.bytes == packed)
        }
    }

    @Test func writesNestedBytesBehindTheirShortestLength() {
        for count in [0, 1, 127, 128, 129, 16_383, 16_384, 2_097_151, 2_097_152] {
            let body = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            var expected = ProtoWriter([0xaa])
            expected.always(3, body)
            expected.varint(4, 9)
            var writer = ProtoWriter([0xaa])
            writer.nested(3) { $0.raw(body.span) }
            writer.varint(4, 9)
            #expect(writer.bytes == expected.bytes, "\(count) bytes")
        }
    }

    @Test func packsNumbersOfEverySize() throws {
        let edges: [Int32] = [0, -1, 1, 63, -64, 64, -65, 8_191, 8_192, -8_193, .max, .min]
        let type = unsafe ProtoType(indelible__v1__verdict__init)
        var arena = try Arena(byteCountMax: 4096)
        var verdict = unsafe type.empty
        unsafe verdict.features = try arena.place(all: edges)
        unsafe verdict.n_features = edges.count
        var writer = ProtoWriter()
        writer.packed(3, zigzags: edges)
        let packed = unsafe type.pack(verdict)
        #expect(writer.bytes == packed)
    }

    @Test func scansEachWireType() throws {
        var writer = ProtoWriter()
        writer.varint(1, 300)
        writer.fixed64(2, 0x0102_0304_0506_0708)
        writer.text(3, "abc")
        writer.fixed32(4, 0xdead_beef)
        writer.always(536_870_911, [])
        let bytes = writer.bytes
        var scanner = ProtoScanner(0..<bytes.count)
        var fields: [ProtoScanner.Field] = []
        while let field = try scanner.next(in: bytes.span) { fields.append(field) }
        #expect(
            fields == [
                .init(number: 1, value: .varint(300)),
                .init(number: 2, value: .fixed64(0x0102_0304_0506_0708)),
                .init(number: 3, value: .bytes(14..<17)),
                .init(number: 4, value: .fixed32(0xdead_beef)),
                .init(number: 536_870_911, value: .bytes(bytes.count..<bytes.count)),
            ]
        )
    }

    @Test func everyPrefixEndsInAFieldBoundaryOrAnError() throws {
        var writer = ProtoWriter()
        writer.varint(1, .max)
        writer.fixed64(2, 1)
        writer.bytes(3, [UInt8](repeating: 1, count: 200))
        writer.fixed32(4, 1)
        let bytes = writer.bytes
        var scanner = ProtoScanner(0..<bytes.count)
        var boundaries: Set<Int> = [0]
        while try scanner.next(in: bytes.span) != nil { boundaries.insert(scanner.position) }
        for end in 0...bytes.count {
            var scanner = ProtoScanner(0..<end)
            let whole = (try? Self.drain(&scanner, bytes)) != nil
            #expect(whole == boundaries.contains(end), "prefix of \(end) bytes")
        }
    }

    @Test(
        arguments: [
            [0x00, 0x00], [0x0b], [0x0f], [0x80], [0x08, 0xff], [0x0a, 0x7f, 0x00],
            [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02],
            [0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
            [0xf8, 0xff, 0xff, 0xff, 0x1f, 0x00],
            [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
        ] as [[UInt8]]
    ) func refuses(_ bytes: [UInt8]) {
        #expect(throws: IndelibleError.self) {
            var scanner = ProtoScanner(0..<bytes.count)
            try Self.drain(&scanner, bytes)
        }
    }

    @Test func countsVarintBytes() {
        for value in [0, 1, 127, 128, 16_383, 16_384, UInt64(UInt32.max), UInt64.max >> 1, UInt64.max] {
            var writer = ProtoWriter()
            writer.varint(1, value)
            #expect(ProtoWriter.varintByteCount(value) == max(1, writer.bytes.count - 1))
        }
    }

    private static func drain(_ scanner: inout ProtoScanner, _ bytes: [UInt8]) throws(IndelibleError) {
        while try scanner.next(in: bytes.span) != nil {}
    }
}
