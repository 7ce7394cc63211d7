import NIOCore
import Primitives
import Testing
import Transport
import Wire

/// Goal: calls of every shape work, fail and end as docs/protocol.md says.
///
/// Method: our client against our server, over loopback.
@Suite(.timeLimit(.minutes(1))) struct CallTests {
    @Test func answersUnaryCalls() async throws {
        try await Sample.withServer { _, port in
            let client = try await Sample.connect(port)
            #expect(client.session.peer.software == "sample/1")
            #expect(try await client.call(Sample.echo, [1, 2, 3]) == [1, 2, 3])
            #expect(try await client.call(Sample.think, []) == [])
            let large = [UInt8](repeating: 7, count: 3 << 20)
            #expect(try await client.call(Sample.echo, large) == large)
            #expect(try await client.call(Sample.think, large, deadline: .seconds(60)) == large)
            await client.close()
        }
    }

    @Test func answersManyCallsAtOnceEachWithItsOwn() async throws {
        try await Sample.withServer { _, port in
            let client = try await Sample.connect(port)
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for index in 0..<5_000 as Range<UInt32> {
                    group.addTask {
                        let payload = Sample.numbers(index, index &* 31)
                        return try await client.call(index % 2 == 0 ? Sample.echo : Sample.think, payload) == payload
                    }
                }
                for try await isOwn in group { #expect(isOwn) }
            }
        }
    }

    @Test(arguments: [(0, 10), (1, 0), (3_000, 1), (60, 70_000)] as [(UInt32, UInt32)])
    func streamsAnswers(count: UInt32, byteCount: UInt32) async throws {
        try await Sample.withServer { _, port in
            let client = try await Sample.connect(port)
            var index: UInt32 = 0
            for try await item in client.stream(Sample.count, Sample.numbers(count, byteCount)) {
                #expect(item == [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: Int(byteCount)))
                index += 1
            }
            #expect(index == count)
        }
    }

    @Test func takesUploads() async throws {
        try await Sample.withServer { _, port in
            let client = try await Sample.connect(port)
            let items = AsyncStream { continuation in
                for _ in 0..<100 { continuation.yield([UInt8](repeating: 1, count: 50_000)) }
                continuation.finish()
            }
            #expect(try await client.upload(Sample.sum, items) == Sample.numbers(100, 5_000_000))
        }
    }

    @Test func anUploadEndsWhenTheServerRefusesAnItem() async throws {
        try await Sample.withServer { _, port in
            let client = try await Sample.connect(port)
            let items = AsyncStream(unfolding: { [0xff] as [UInt8]? })
            let error = await #expect(throws: IndelibleError.self) { try await client.upload(Sample.sum, items) }
            #expect(error?.code == .outOfRange)
            #expect(try await client.call(Sample.echo, [1]) == [1])
        }
    }

    @Test func failuresCarryTheirMessageAndPayload() async throws {
        try await Sample.withServer { _, port in
            let client = try await Sample.connect(port)
            let error = await #expect(throws: IndelibleError.self) { try await client.call(Sample.refuse, []) }
            #expect(error?.code == .aborted)
            #expect(error?.message == "Told to.")
            #expect(error?.remoteFailure?.payload == [1, 2, 3])
            let failed = await #expect(throws: IndelibleError.self) {
                for try await _ in client.stream(Sample.count, [1]) {}
            }
            #expect(failed?.code == .invalidArgument)
        }
    }

    @Test func unknownMethodsAreRefused() async throws {
        try await Sample.withServer { _, port in
            let client = try await Sample.connect(port)
            let error = await #expect(throws: IndelibleError.self) { try await client.call(Sample.absent, []) }
            #expect(error?.code == .unimplemented)
            #expect(try await client.call(Sample.echo, [1]) == [1])
        }
    }

    @Test func deadlinesEndCallsOnBothSides() async throws {
        let probe = Sample.Probe()
        try await Sample.withServer(probe: probe) { _, port in
            let client = try await Sample.connect(port)
            let error = await #expect(throws: IndelibleError.self) {
                try await client.call(Sample.hang, [], deadline: .milliseconds(20))
            }
            #expect(error?.code == .deadlineExceeded)
            await probe.wait(cancelledCount: 1)
        }
    }

    @Test func cancellingATaskCancelsItsCall() async throws {
        let probe = Sample.Probe()
        try await Sample.withServer(probe: probe) { _, port in
            let client = try await Sample.connect(port)
            let task = Task { try await client.call(Sample.hold, []) }
            await probe.wait(heldCount: 1)
            task.cancel()
            await #expect(throws: IndelibleError.self) { try await task.value }
            let hanging = Task { try await client.call(Sample.hang, []) }
            await probe.wait(sentCount: 1)
            hanging.cancel()
            await probe.wait(cancelledCount: 1)
        }
    }

    @Test func droppingAStreamCancelsIt() async throws {
        let probe = Sample.Probe()
        try await Sample.withServer(probe: probe) { _, port in
            let client = try await Sample.connect(port)
            for try await _ in client.stream(Sample.count, Sample.numbers(1_000_000, 1_000)) { break }
            await probe.wait(cancelledCount: 1)
            #expect(probe.sentCount < 1_000_000)
        }
    }
}
