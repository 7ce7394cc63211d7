import CIndelibleProto
import Primitives
import ProtobufC
import Testing

@Suite struct ProtoTypeTests {
    static let hello = unsafe ProtoType(indelible__v1__hello__init)
    static let header = unsafe ProtoType(indelible__v1__frame_header__init)
    static let append = unsafe ProtoType(indelible__v1__append_request__init)

    @Test func knowsItsName() {
        let names = unsafe [Self.hello.descriptor.name, Self.header.descriptor.name]
        #expect(names == ["indelible.v1.Hello", "indelible.v1.FrameHeader"])
    }

    @Test func packsAndUnpacksNestedMessages() throws {
        var arena = try Arena(byteCountMax: 4096)
        var header = unsafe Self.header.empty
        unsafe header.stream_id = 300
        unsafe header.log = unsafe try arena.place("example.org/audit")
        var metadata = unsafe ProtoType(indelible__v1__metadata__init).empty
        unsafe metadata.key = unsafe try arena.place("traceparent")
        unsafe metadata.value = unsafe try arena.place([1, 2, 3])
        let first = unsafe try arena.place(one: metadata)
        unsafe header.metadata = unsafe try arena.place(all: [first])
        unsafe header.n_metadata = 1
        let bytes = unsafe Self.header.pack(header)

        let read = unsafe try Self.header.withUnpacked(bytes.span) { header in
            unsafe (
                header.pointee.stream_id, String(field: header.pointee.log),
                String(field: header.pointee.metadata[0]?.pointee.key), header.pointee.metadata[0]?.pointee.value.bytes,
            )
        }
        #expect(read.0 == 300)
        #expect(read.1 == "example.org/audit")
        #expect(read.2 == "traceparent")
        #expect(read.3 == [1, 2, 3])
    }

    struct Refusal: CustomTestStringConvertible {
        let why: String
        let bytes: [UInt8]
        var testDescription: String { self.why }
    }

    static let refusals: [Refusal] = [
        Refusal(why: "a tag of ten continuation bytes", bytes: [UInt8](repeating: 0xff, count: 10)),
        Refusal(why: "field number 0", bytes: [0x00, 0x01]),
        Refusal(why: "a length beyond the end", bytes: [0x32, 0x05, 0x61]),
        Refusal(why: "a string with NUL", bytes: [0x32, 0x03, 0x61, 0x00, 0x62]),
        Refusal(why: "a string that is not UTF-8", bytes: [0x32, 0x02, 0xc0, 0xaf]),
        Refusal(why: "a string field sent as a number", bytes: [0x30, 0x01]),
        Refusal(why: "a group", bytes: [0x0b]),
    ]

    @Test(arguments: Self.refusals) func refuses(_ refusal: Refusal) {
        let error = #expect(throws: IndelibleError.self) {
            unsafe try Self.hello.withUnpacked(refusal.bytes.span) { _ in () }
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("indelible.v1.Hello") == true)
    }

    @Test func refusesMoreFieldsThanAllowed() {
        let bytes = [UInt8]((0..<11).flatMap { _ in [0x08, 0x01] as [UInt8] })
        #expect(throws: Never.self) { unsafe try Self.hello.check(bytes.span, ProtoLimits(fieldCountMax: 11)) }
        #expect(throws: IndelibleError.self) {
            unsafe try Self.hello.check(bytes.span, ProtoLimits(fieldCountMax: 10))
        }
    }

    @Test func hostileBytesCannotTakeMoreMemoryThanTheArena() throws {
        // Each empty item is two bytes on the wire and a struct of about a hundred bytes in memory.
        let bytes = [UInt8]((0..<30_000).flatMap { _ in [0x1a, 0x00] as [UInt8] })
        var arena = try Arena(byteCountMax: 64 << 10)
        let error = #expect(throws: IndelibleError.self) {
            unsafe try Self.append.withUnpacked(bytes.span, in: &arena) { _ in () }
        }
        #expect(error?.code == .invalidArgument)
        #expect(arena.byteCountUsed <= 64 << 10)
        arena.reset()
        #expect(arena.byteCountUsed == 0)
        let count = unsafe try Self.append.withUnpacked([0x1a, 0x00].span, in: &arena) { unsafe $0.pointee.n_items }
        #expect(count == 1)
    }

    @Test func arenaRefusesWhatDoesNotFit() throws {
        var arena = try Arena(byteCountMax: 64)
        let error = #expect(throws: IndelibleError.self) {
            unsafe _ = try arena.place([UInt8](repeating: 0, count: 65))
        }
        #expect(error?.code == .resourceExhausted)
        #expect(throws: IndelibleError.self) { unsafe _ = try arena.place("a\0b") }
    }
}
