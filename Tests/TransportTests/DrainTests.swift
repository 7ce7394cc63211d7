import Logging
import NIOCore
import Primitives
import Testing
import Transport
import Wire

@Suite(.timeLimit(.minutes(1))) struct DrainTests {
    @Test func openCallsGetTheirAnswersAndNewOnesAreRefused() async throws {
        let probe = Sample.Probe()
        try await Sample.withServer(probe: probe) { server, port in
            let client = try await Sample.connect(port)
            let open = Task { try await client.call(Sample.hold, []) }
            await probe.wait(heldCount: 1)
            let shutdown = Task { await server.shutdownGracefully(drain: .seconds(600)) }
            // The client learns of the drain from GOAWAY, the server refuses what crosses it: UNAVAILABLE in both cases.
            var refused: IndelibleError?
            while refused == nil {
                do { _ = try await client.call(Sample.echo, []) } catch let error as IndelibleError { refused = error }
            }
            #expect(refused?.code == .unavailable)
            probe.release([4, 2])
            #expect(try await open.value == [4, 2])
            await shutdown.value
            #expect(server.connectionCount == 0)
            let error = await #expect(throws: IndelibleError.self) { try await Sample.connect(port) }
            #expect(error?.code == .unavailable)
        }
    }

    @Test func callsThatOutlastTheDrainAreCutOff() async throws {
        let probe = Sample.Probe()
        try await Sample.withServer(probe: probe) { server, port in
            let client = try await Sample.connect(port)
            let open = Task { try await client.call(Sample.hang, []) }
            await probe.wait(sentCount: 1)
            await server.shutdownGracefully(drain: .zero)
            let error = await #expect(throws: IndelibleError.self) { try await open.value }
            #expect(error?.code == .unavailable)
            await probe.wait(cancelledCount: 1)
        }
    }

    @Test func anUnreachableServerIsNamed() async throws {
        var free = 0
        try await Sample.withServer { _, port in free = port }
        let port = free
        let error = await #expect(throws: IndelibleError.self) { try await Sample.connect(port) }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("127.0.0.1:\(port)") == true)
    }

    @Test func aTakenPortIsNamed() async throws {
        try await Sample.withServer { _, port in
            let second = RPCServer(
                configuration: .init(host: "127.0.0.1", port: port, software: "second/1"),
                router: Router(),
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            )
            let error = await #expect(throws: IndelibleError.self) { try await second.bind() }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("\(port)") == true)
        }
    }

    @Test(arguments: ["0.0.0.0", "::"]) func refusesToLeaveLoopbackWithoutCertificates(_ host: String) async throws {
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let closed = RPCServer(
            configuration: .init(host: host, port: 0, software: "open/1"),
            router: Router(),
            logger: logger,
        )
        let error = await #expect(throws: IndelibleError.self) { try await closed.bind() }
        #expect(error?.code == .failedPrecondition)
    }

    @Test func leavesLoopbackWhenToldSoByName() async throws {
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let open = RPCServer(
            configuration: .init(host: "0.0.0.0", port: 0, allowInsecureRemote: true, software: "open/1"),
            router: Router(),
            logger: logger,
        )
        let address = try await open.bind()
        #expect(address.port.map { $0 > 0 } == true)
        await open.shutdownGracefully(drain: .zero)
    }

    @Test func callsBeyondTheServersLimitWaitTheirTurn() async throws {
        var limits = ConnectionLimits()
        limits.streamCountMax = 4
        try await Sample.withServer(limits: limits) { _, port in
            let client = try await Sample.connect(port)
            try await withThrowingTaskGroup(of: [UInt8].self) { group in
                for index in 0..<200 as Range<UInt8> { group.addTask { try await client.call(Sample.think, [index]) } }
                var answers: Set<[UInt8]> = []
                for try await answer in group { answers.insert(answer) }
                #expect(answers.count == 200)
            }
        }
    }

    @Test func oversizeMessagesAreRefusedWithTheLimit() async throws {
        var small = ConnectionLimits()
        small.frameByteCountMax = 200_000
        try await Sample.withServer(limits: small) { _, port in
            let client = try await Sample.connect(port)
            let error = await #expect(throws: IndelibleError.self) {
                try await client.call(Sample.echo, [UInt8](repeating: 0, count: 200_001))
            }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.contains("200000") == true)
            #expect(try await client.call(Sample.echo, [1]) == [1])
        }
        try await Sample.withServer { _, port in
            let client = try await Sample.connect(port, limits: small)
            let error = await #expect(throws: IndelibleError.self) {
                try await client.call(Sample.think, [UInt8](repeating: 0, count: 200_001))
            }
            #expect(error?.code == .outOfRange)
            #expect(try await client.call(Sample.echo, [1]) == [1])
        }
    }
}
