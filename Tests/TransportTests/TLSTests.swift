import NIOCore
import NIOPosix
import NIOSSL
import Primitives
import Testing
import Transport
import Wire

@Suite(.timeLimit(.minutes(1))) struct TLSTests {
    @Test func everyMethodChecksTheRole() async throws {
        let certificates = try TestCertificates()
        let methods = [Sample.echo, Sample.think]
        try await Sample.withServer(tls: certificates.server()) { _, port in
            for role in Role.allCases {
                let client = try await Sample.connect(port, tls: certificates.client(role.rawValue))
                for method in methods {
                    if method.roles.contains(role) {
                        #expect(try await client.call(method, [1]) == [1])
                        continue
                    }
                    let error = await #expect(throws: IndelibleError.self) { try await client.call(method, [1]) }
                    #expect(error?.code == .permissionDenied)
                    #expect(error?.message.contains(role.rawValue) == true)
                }
                await client.close()
            }
        }
    }

    @Test func aCertificateOfNoKnownRoleMayCallNothing() async throws {
        let certificates = try TestCertificates()
        try await Sample.withServer(tls: certificates.server()) { _, port in
            let client = try await Sample.connect(port, tls: certificates.client("janitor"))
            let error = await #expect(throws: IndelibleError.self) { try await client.call(Sample.echo, []) }
            #expect(error?.code == .permissionDenied)
        }
    }

    @Test func largeMessagesAndStreamsPass() async throws {
        let certificates = try TestCertificates()
        try await Sample.withServer(tls: certificates.server()) { _, port in
            let large = [UInt8](repeating: 7, count: 3 << 20)
            let writer = try await Sample.connect(port, tls: certificates.client("writer"))
            #expect(try await writer.call(Sample.echo, large) == large)
            let reader = try await Sample.connect(port, tls: certificates.client("reader"))
            var count = 0
            for try await item in reader.stream(Sample.count, Sample.numbers(50, 100_000)) { count += item.count }
            #expect(count == 5_000_000)
        }
    }

    @Test func aClientWithoutACertificateIsRefused() async throws {
        let certificates = try TestCertificates()
        let settings = try certificates.server()
        try await Sample.withServer(tls: settings) { _, port in
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.certificateVerification = .none
            let context = try NIOSSLContext(configuration: configuration)
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let handler = try NIOSSLClientHandler(context: context, serverHostname: nil)
                        try channel.pipeline.syncOperations.addHandler(handler)
                        return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                    }
                }
            var received: [UInt8] = []
            do {
                try await channel.executeThenClose { inbound, outbound in
                    try await outbound.write(ByteBuffer(bytes: RawPeer.hello))
                    for try await part in inbound { received += Array(part.readableBytesView) }
                }
            } catch is NIOSSLError {
            } catch is BoringSSLError {
            } catch is ChannelError {
            } catch is IOError {}
            #expect(received == [])
        }
    }

    @Test func eachSideRefusesTheOthersStrangers() async throws {
        let (ours, theirs) = (try TestCertificates(), try TestCertificates())
        try await Sample.withServer(tls: ours.server()) { _, port in
            // Their authority is not ours, and ours is not theirs.
            let stranger = await #expect(throws: IndelibleError.self) {
                try await Sample.connect(port, tls: theirs.client("writer"))
            }
            #expect(stranger?.code == .unauthenticated)
            var settings = try theirs.client("writer")
            settings.trustRootsPath = try ours.client("writer").trustRootsPath
            let trusting = settings
            let unknown = await #expect(throws: IndelibleError.self) { try await Sample.connect(port, tls: trusting) }
            #expect(unknown?.code == .unauthenticated)
        }
    }

    @Test(arguments: [(nil, false), ("ledger.example", false), ("localhost", true)] as [(String?, Bool)])
    func theServersCertificateNamesIt(serverName: String?, isAccepted: Bool) async throws {
        let certificates = try TestCertificates()
        let settings = try certificates.client("writer")
        try await Sample.withServer(tls: certificates.server(hosts: ["localhost"])) { _, port in
            let configuration = RPCClient.Configuration(
                host: "127.0.0.1",
                port: port,
                tls: settings,
                serverName: serverName,
                software: "x/1",
            )
            guard isAccepted else {
                let error = await #expect(throws: IndelibleError.self) { try await RPCClient.connect(configuration) }
                #expect(error?.code == .unauthenticated)
                return
            }
            let client = try await RPCClient.connect(configuration)
            #expect(try await client.call(Sample.echo, [1]) == [1])
        }
    }

    @Test func plainAndTLSDoNotMix() async throws {
        let certificates = try TestCertificates()
        try await Sample.withServer(tls: certificates.server()) { _, port in
            let error = await #expect(throws: IndelibleError.self) { try await Sample.connect(port) }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("TLS") == true)
        }
        try await Sample.withServer { _, port in
            let error = await #expect(throws: IndelibleError.self) {
                try await Sample.connect(port, tls: certificates.client("writer"))
            }
            #expect(error?.code == .unauthenticated)
        }
    }

    @Test func newFilesAreTakenWithoutARestart() async throws {
        let (old, new) = (try TestCertificates(), try TestCertificates())
        let clientOfOld = try old.client("writer")
        let clientOfNew = try new.client("writer")
        try await Sample.withServer(tls: old.server()) { _, port in
            let before = try await Sample.connect(port, tls: clientOfOld)
            try old.spoilServer()
            let during = try await Sample.connect(port, tls: clientOfOld)
            #expect(try await during.call(Sample.echo, [1]) == [1])
            try old.replaceServer(with: new)
            let after = try await Sample.connect(port, tls: clientOfNew)
            #expect(try await after.call(Sample.echo, [1]) == [1])
            // What was open stays open.
            #expect(try await before.call(Sample.echo, [1]) == [1])
        }
    }

    @Test func filesThatCannotBeUsedAreNamed() async throws {
        let certificates = try TestCertificates()
        var settings = try certificates.server()
        settings.privateKeyPath = try certificates.client("writer").privateKeyPath
        let mismatched = settings
        let error = await #expect(throws: IndelibleError.self) {
            try await Sample.withServer(tls: mismatched) { _, _ in }
        }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message.contains(mismatched.privateKeyPath) == true)
    }
}
